"""The addresses that the composer's page asks, below those of posts in admin."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from . import views


def urls(site: AdminSite) -> list[URLPattern]:
    """This will give the addresses, each for people who are signed in."""
    return [
        path("compose/<uuid:workspace_id>/preview/", site.admin_view(views.preview), name="posts_compose_preview"),
        path("compose/<uuid:workspace_id>/slot/", site.admin_view(views.slot), name="posts_compose_slot"),
        path("compose/<uuid:workspace_id>/files/", site.admin_view(views.files), name="posts_compose_files"),
        path("compose/<uuid:workspace_id>/files/new/", site.admin_view(views.upload), name="posts_compose_upload"),
        path(
            "compose/<uuid:workspace_id>/files/<uuid:media_id>/",
            site.admin_view(views.file),
            name="posts_compose_file",
        ),
        path(
            "compose/<uuid:workspace_id>/files/<uuid:media_id>/describe/",
            site.admin_view(views.describe),
            name="posts_compose_describe",
        ),
    ]
