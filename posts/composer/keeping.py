"""The composer's page keeps what is typed in it (autosave.py), offers it again, and says who else is at it."""

import uuid
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from integrations.admin import TenantAdmin
from integrations.models import Workspace
from integrations.people.roles import Permission, within, workspaces_of
from openpost.admin import moment
from openpost.ids import id_in
from posts.models import Autosave, Post
from posts.status import EDITABLE

from . import autosave, files_sent


class KeepingAdmin(TenantAdmin):
    """A page of posts whose unsaved text is on the server."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What can no longer be changed is refused, and nothing that was typed is lost."""
        post = self.get_object(request, unquote(object_id)) if request.method == "POST" else None
        if post is None or post.status in EDITABLE or not self.allows(request, "change", post):
            if post and request.FILES and self.has_change_permission(request, post):
                files_sent.take(request, workspace=post.workspace)
            return super().change_view(request, object_id, form_url, extra_context)
        said = _("It was too late: this post is %(status)s by now, and nothing was changed.")
        self.message_user(request, said % {"status": post.get_status_display().lower()}, messages.ERROR)
        with suppress(autosave.TooLong, Autosave.DoesNotExist):
            autosave.keep(
                page=page_of(request),
                user=request.user,
                data=request.POST,
                workspace=post.workspace,
                post=post,
                now=timezone.now(),
            )
        return redirect("admin:posts_post_change", post.pk)


def unsaved(request: HttpRequest, form: Any, post: Post | None) -> dict[str, Any]:
    """What the page shows of it: which page it is, what may be taken up, and who else is typing."""
    now = timezone.now()
    taken_up: Autosave | None = getattr(form, "taken_up", None)
    workspace = post.workspace if post else form.workspace
    page = taken_up.id if taken_up else page_of(request)
    offered = None
    if request.method == "GET" and taken_up is None:
        offered = autosave.of(request.user, workspace=workspace, post=post, now=now).first()
    about = urlencode({"post": post.pk} if post else {"workspace": workspace.pk})
    shown = taken_up or offered
    return {
        "page": page,
        "keep_url": f"{reverse('admin:posts_compose_keep', args=[page])}?{about}",
        "drop_url": f"{reverse('admin:posts_compose_drop', args=[shown.pk if shown else page])}?{about}",
        "taken_up": taken_up,
        "offered": offered,
        "unsaved_at": moment(shown.kept_at, told="relative") if shown else "",
        "take_up_url": _take_up(offered, post) if offered else "",
        "others": autosave.others(request.user, post=post, now=now) if post else [],
    }


def page_of(request: HttpRequest) -> uuid.UUID:
    """Which open page it is: it says so when it is sent; a new one gets its name here."""
    return id_in(request.POST.get("page", "")) or uuid.uuid4()


def taken_up(request: HttpRequest, *, workspace: Workspace) -> Autosave | None:
    """What the address asks to be put into the fields again, if it is the person's own."""
    user: Any = request.user
    wanted = id_in(request.GET.get("unsaved", ""))
    return Autosave.objects.filter(id=wanted, user=user, workspace=workspace).first() if wanted else None


@require_POST
def keep(request: HttpRequest, page: uuid.UUID) -> HttpResponse:
    """This will keep what the page's fields hold, and answer with what it says of that."""
    workspace, post = _about(request)
    now = timezone.now()
    known: dict[str, Any] = {"too_long": False}
    try:
        autosave.keep(page=page, user=request.user, data=request.POST, workspace=workspace, post=post, now=now)
    except autosave.TooLong:
        known["too_long"] = True
    except Autosave.DoesNotExist:
        raise Http404 from None
    others = autosave.others(request.user, post=post, now=now) if post else []
    return render(request, "composer/kept.html", {**known, "kept_at": moment(now, told="relative"), "others": others})


@require_POST
def drop(request: HttpRequest, page: uuid.UUID) -> HttpResponse:
    """This will throw away what a page kept, and show the post as it is saved."""
    workspace, post = _about(request)
    autosave.forget(request.user, page=page)
    if post:
        return redirect("admin:posts_post_change", post.pk)
    return redirect(f"{reverse('admin:posts_post_add')}?workspace={workspace.pk}")


def _about(request: HttpRequest) -> tuple[Workspace, Post | None]:
    """The post that is typed at, or the workspace of a new one; 404 unless the person may write there."""
    if named := request.GET.get("post"):
        posts = within(request.user, Post.objects.select_related("workspace"), permission=Permission.WRITE)
        post = get_object_or_404(posts, id=id_in(named))
        return post.workspace, post
    mine = workspaces_of(request.user, Permission.WRITE)
    return get_object_or_404(mine, id=id_in(request.GET.get("workspace", ""))), None


def _take_up(offered: Autosave, post: Post | None) -> str:
    """Where it is put into the fields again: where the post can no longer be written, those of a new one."""
    if post and post.status in EDITABLE:
        return f"{reverse('admin:posts_post_change', args=[post.pk])}?unsaved={offered.pk}"
    return f"{reverse('admin:posts_post_add')}?workspace={offered.workspace_id}&unsaved={offered.pk}"
