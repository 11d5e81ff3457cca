"""Where every view of posts begins: at the workspace of the request's key. What is not in it does not exist."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.input import uuid_of
from integrations.authentication import caller
from openpost.api.conditional import etag_of, require_match
from posts import lifecycle
from posts.models import Post
from posts.reading import shown_now
from posts.waiting import Present

from .output import render_post


def post_of(request: Request, post_id: str) -> Post:
    """This will find a post of the caller's; raises what becomes a 404."""
    return Post.objects.select_related("workspace").get(workspace=caller(request).workspace, id=uuid_of(post_id))


@contextmanager
def held_as_seen(request: Request, post_id: str) -> Iterator[Post]:
    """This will give a post of the caller's; when there is an `If-Match`, it does not change before the block ends.

    Raises what becomes a 404 or a 412.
    """
    post, wanted = post_of(request, post_id), request.headers.get("If-Match")
    if wanted is None:
        yield post
        return
    with transaction.atomic():
        lifecycle.lock(post.id)
        require_match(wanted, one_post(post)["ETag"])
        yield post


def one_post(post: Post, *, status: int = 200) -> Response:
    """This will answer with the post as it stands now."""
    data = {"data": render_post(shown_now(post), Present())}
    return Response(data, status=status, headers={"ETag": etag_of(data)})
