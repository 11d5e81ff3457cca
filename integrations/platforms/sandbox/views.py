"""The page a sandbox post's address leads to: what the network received, looking like a post, or a thread of them."""

import uuid

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from integrations.platforms.registry import label_of

from .models import SandboxPost

#: Parts of a thread that a page shows, before the post and after it.
LONGEST = 50


def post(request: HttpRequest, post_id: uuid.UUID) -> HttpResponse:
    """One received post. Its address is as unguessable as its id, like that of an unlisted post."""
    found = get_object_or_404(SandboxPost.objects.select_related("integration"), id=post_id)
    thread = _thread(found)
    for one in thread:
        one.received = SandboxPost.objects.filter(integration=one.integration_id, key=one.key).count()  # type: ignore[attr-defined]
    context = {"post": found, "thread": thread, "label": label_of(found.integration.platform)}
    return render(request, "sandbox/post.html", context)


@require_safe
def file(request: HttpRequest, post_id: uuid.UUID, place: int) -> FileResponse:
    """A file beside a received post."""
    found = get_object_or_404(SandboxPost, id=post_id)
    if place >= len(found.media):
        raise Http404
    kept = found.media[place]
    response = FileResponse(default_storage.open(kept["file"]), content_type=kept["type"])
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _thread(found: SandboxPost) -> list[SandboxPost]:
    """The posts it answers, itself, and those that answer it, in order."""
    before, after = [found], [found]
    while (earlier := before[-1].answers) and len(before) < LONGEST:
        before.append(earlier)
    while (later := after[-1].answered_by.order_by("received_at").first()) and len(after) < LONGEST:
        after.append(later)
    return [*reversed(before), *after[1:]]
