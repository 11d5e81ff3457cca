"""What the page asks while somebody writes: how it would look, files, a free slot. Each begins at the workspaces in
which the person may write; any other does not exist.
"""

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from integrations.models import Workspace
from integrations.people.roles import Permission, workspaces_of
from openpost.ids import id_in
from posts.media import actions as media_actions
from posts.media.types import TAKEN, Unusable
from posts.models import Media, Post
from posts.models.media import LONGEST_ALT_TEXT
from posts.slots import common_slot

from . import body
from .form import PostForm
from .page import beside
from .preview import outlook

#: Files that are offered at once: the newest, or the newest that fit what is looked for.
OFFERED = 48


@require_POST
def preview(request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """This will answer with what stands beside the inputs, and never with an input."""
    workspace = _writable(request, workspace_id)
    form = bound(request, workspace)
    return render(request, "composer/answer.html", beside(form, outlook(form)))


@require_GET
def slot(request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """This will offer the next slot that is free on all the chosen accounts."""
    workspace = _writable(request, workspace_id)
    chosen = [one for one in map(id_in, request.GET.getlist("accounts")) if one]
    accounts = workspace.integrations.defer("credentials").filter(id__in=chosen)
    found = common_slot(list(accounts), now=timezone.now())
    local = found.astimezone(workspace.timezone) if found else None
    return render(request, "composer/slot.html", {"slot": local})


@require_GET
def files(request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """This will show the workspace's newest files to choose from, or those whose name or words fit."""
    workspace = _writable(request, workspace_id)
    wanted = request.GET.get("find", "").strip()[:100]
    found: QuerySet[Media] = Media.objects.filter(workspace=workspace).order_by("-created_at", "-id")
    if wanted:
        found = found.filter(Q(name__icontains=wanted) | Q(alt_text__icontains=wanted))
    return render(request, "composer/files.html", {"files": found[:OFFERED], "wanted": wanted})


@require_GET
def file(request: HttpRequest, workspace_id: uuid.UUID, media_id: uuid.UUID) -> HttpResponse:
    """This will give the item of a file that is put beside a part."""
    return _item(request, _file(request, workspace_id, media_id))


@require_POST
def upload(request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """This will keep a file that was dropped or chosen, and give its item; a sentence where it is not taken."""
    workspace = _writable(request, workspace_id)
    sent: Any = request.FILES.get("file")
    if sent is None:
        return HttpResponse(
            _("No file has come. These are taken: %(kinds)s.") % {"kinds": TAKEN}, status=400, content_type="text/plain"
        )
    try:
        media = media_actions.add_sent(workspace=workspace, upload=sent)
    except Unusable as error:
        return HttpResponse(error.sentence, status=error.status, content_type="text/plain")
    return _item(request, media)


@require_POST
def describe(request: HttpRequest, workspace_id: uuid.UUID, media_id: uuid.UUID) -> HttpResponse:
    """This will keep what somebody says that a file shows."""
    media = _file(request, workspace_id, media_id)
    text = body.typed(request.POST.get(f"alt-{media.pk}", "")).replace("\0", "")
    if len(text) > LONGEST_ALT_TEXT:
        return HttpResponse(
            _("At most %(number)s characters.") % {"number": LONGEST_ALT_TEXT}, status=400, content_type="text/plain"
        )
    media_actions.describe(media=media, alt_text=text)
    return HttpResponse(status=204)


def bound(request: HttpRequest, workspace: Workspace) -> PostForm:
    """This will make the form of what was sent, for a new post or for one of the workspace's own."""
    known = {"workspace": workspace, "user": request.user, "begins": body.blank(workspace=workspace)}
    post = _post(workspace, request.POST.get("post", ""))
    form: PostForm = type("PostForm", (PostForm,), known)(request.POST, instance=post)
    return form


def _post(workspace: Workspace, named: str) -> Post:
    if not named:
        return Post(workspace=workspace)
    posts = Post.objects.filter(workspace=workspace).prefetch_related("targets", "attachments")
    return get_object_or_404(posts, id=id_in(named))


def _writable(request: HttpRequest, workspace_id: uuid.UUID) -> Workspace:
    return get_object_or_404(workspaces_of(request.user, Permission.WRITE), id=workspace_id)


def _file(request: HttpRequest, workspace_id: uuid.UUID, media_id: uuid.UUID) -> Media:
    return get_object_or_404(Media, workspace=_writable(request, workspace_id), id=media_id)


def _item(request: HttpRequest, media: Media) -> HttpResponse:
    part = request.POST.get("part", request.GET.get("part", ""))
    if part and not body.KEY.fullmatch(part):
        raise Http404
    return render(request, "composer/file.html", {"file": media, "key": part, "workspace": media.workspace})
