"""/v1/posts: each view parses, makes one call, renders. Everything begins at the key's workspace."""

import uuid
from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from integrations.models import Workspace
from openpost.api.errors import refuse
from posts import actions
from posts.actions import Words
from posts.models import Post, PostStatus
from posts.models.post import PostQuerySet

from .input import PostInput
from .output import render_post

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 200


class PostViewSet(ViewSet):
    def list(self, request: Request) -> Response:
        posts = _posts(request)
        if "status" in request.query_params:
            posts = posts.filter(status=_status(request.query_params["status"]))
        return _many(posts.order_by("-created_at", "-id")[: _limit(request)])

    def create(self, request: Request) -> Response:
        return _one(actions.create(workspace=_workspace(request), words=_words(request)), status=201)

    def retrieve(self, request: Request, post_id: str) -> Response:
        return _one(_post(request, post_id))

    def partial_update(self, request: Request, post_id: str) -> Response:
        post = _post(request, post_id)
        return _one(actions.edit(post=post, words=_words(request, partial=True)))

    def destroy(self, request: Request, post_id: str) -> Response:
        actions.delete(post=_post(request, post_id))
        return Response(status=204)

    def publish(self, request: Request, post_id: str) -> Response:
        return _one(actions.publish_now(post=_post(request, post_id)), status=202)

    def cancel(self, request: Request, post_id: str) -> Response:
        return _one(actions.cancel(post=_post(request, post_id)))

    def duplicate(self, request: Request, post_id: str) -> Response:
        return _one(actions.duplicate(post=_post(request, post_id)), status=201)


class GroupViewSet(ViewSet):
    def list(self, request: Request, group_id: str) -> Response:
        posts = _posts(request).filter(group_id=_uuid(group_id))
        return _many(posts.order_by("created_at", "id"))

    def destroy(self, request: Request, group_id: str) -> Response:
        actions.delete_group(workspace=_workspace(request), group_id=_uuid(group_id))
        return Response(status=204)


def _workspace(request: Request) -> Workspace:
    caller: Any = request.user  # a Caller: the only authentication under /v1
    workspace: Workspace = caller.workspace
    return workspace


def _posts(request: Request) -> PostQuerySet:
    return Post.objects.filter(workspace=_workspace(request)).with_targets()


def _post(request: Request, post_id: str) -> Post:
    return Post.objects.select_related("workspace").get(workspace=_workspace(request), id=_uuid(post_id))


def _uuid(text: str) -> uuid.UUID:
    """A malformed id is one that does not exist."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error


def _words(request: Request, *, partial: bool = False) -> Words:
    if not isinstance(request.data, dict):
        raise refuse("invalid_value", "The body must be a JSON object.")
    data = PostInput(data=request.data, partial=partial)
    data.is_valid(raise_exception=True)
    said: dict[str, Any] = data.validated_data
    return Words(**said)


def _status(name: str) -> str:
    if name not in PostStatus.values:
        raise refuse("invalid_status", f"status must be one of {', '.join(PostStatus.values)}.", field="status")
    return name


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    limit = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= limit <= LARGEST_LIMIT:
        raise refuse("invalid_limit", f"limit must be a whole number from 1 to {LARGEST_LIMIT}.", field="limit")
    return limit


def _one(post: Post, *, status: int = 200) -> Response:
    return Response({"data": render_post(Post.objects.with_targets().get(id=post.id))}, status=status)


def _many(posts: PostQuerySet) -> Response:
    return Response({"data": [render_post(post) for post in posts]})
