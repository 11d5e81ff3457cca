"""The addresses that the composer's page asks, below those of posts in admin."""

from collections.abc import Callable, Mapping

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from . import keeping, views

#: By what follows `compose/`, and by what follows `posts_compose_` in its name.
_ADDRESSES: Mapping[str, tuple[Callable[..., HttpResponse], str]] = {
    "<uuid:workspace_id>/preview/": (views.preview, "preview"),
    "<uuid:workspace_id>/slot/": (views.slot, "slot"),
    "<uuid:workspace_id>/files/": (views.files, "files"),
    "<uuid:workspace_id>/files/new/": (views.upload, "upload"),
    "<uuid:workspace_id>/files/<uuid:media_id>/": (views.file, "file"),
    "<uuid:workspace_id>/files/<uuid:media_id>/describe/": (views.describe, "describe"),
    "unsaved/<uuid:page>/": (keeping.keep, "keep"),
    "unsaved/<uuid:page>/drop/": (keeping.drop, "drop"),
}


def urls(site: AdminSite) -> list[URLPattern]:
    """This will give the addresses, each for people who are signed in."""
    return [
        path(f"compose/{address}", site.admin_view(view), name=f"posts_compose_{name}")
        for address, (view, name) in _ADDRESSES.items()
    ]
