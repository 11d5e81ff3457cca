"""/v1/posts: each view parses, makes one call, renders. Everything begins at the key's workspace."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from integrations.api.input import uuid_of
from integrations.authentication import caller
from integrations.models import Workspace
from openpost.api.bodies import Nothing, checked
from openpost.api.conditional import unless_known
from openpost.api.errors import below, without_body
from openpost.api.pages import PAGING, page_of
from openpost.api.viewsets import ApiViewSet
from posts import actions, validating
from posts.models import Post
from posts.models.post import PostQuerySet
from posts.reading import shown
from posts.waiting import Present
from posts.words import Words

from .filters import FILTERS, filtered
from .input import GroupInput, PostInput
from .output import render_findings, render_post
from .scope import held_as_seen, one_post, post_of


class PostViewSet(ApiViewSet):
    parameters = {"list": (*FILTERS, *PAGING)}

    def list(self, request: Request) -> Response:
        workspace = caller(request).workspace
        page = page_of(request, filtered(_posts(request), request, workspace), size=Post.size)
        found, present = {one.post.id: one for one in shown(page.rows, workspace)}, Present()
        return page.answer(lambda post: render_post(found[post.id], present))

    def create(self, request: Request) -> Response:
        asks = caller(request)
        return one_post(actions.create(workspace=asks.workspace, words=_words(request), by=asks.name), status=201)

    def validate(self, request: Request) -> Response:
        found = validating.validate(workspace=caller(request).workspace, words=_words(request))
        return Response({"data": render_findings(found)})

    def retrieve(self, request: Request, post_id: str) -> HttpResponse:
        return unless_known(request, one_post(post_of(request, post_id)))

    def partial_update(self, request: Request, post_id: str) -> Response:
        with held_as_seen(request, post_id) as post:
            return one_post(actions.edit(post=post, words=_words(request, partial=True), by=caller(request).name))

    def destroy(self, request: Request, post_id: str) -> Response:
        with held_as_seen(request, post_id) as post:
            actions.delete(post=post)
        return Response(status=204)

    def publish(self, request: Request, post_id: str) -> Response:
        checked(Nothing, request)
        with held_as_seen(request, post_id) as post, without_body():
            return one_post(actions.publish_now(post=post, by=caller(request).name), status=202)

    def cancel(self, request: Request, post_id: str) -> Response:
        checked(Nothing, request)
        with held_as_seen(request, post_id) as post, without_body():
            return one_post(actions.cancel(post=post, by=caller(request).name))

    def duplicate(self, request: Request, post_id: str) -> Response:
        checked(Nothing, request)
        with without_body():
            return one_post(actions.duplicate(post=post_of(request, post_id), by=caller(request).name), status=201)


class GroupViewSet(ApiViewSet):
    def create(self, request: Request) -> Response:
        asks, said = caller(request), checked(GroupInput, request)
        made = actions.create_group(
            workspace=asks.workspace,
            group_id=said.get("group_id") or uuid.uuid4(),
            posts=_words_of_all(said["posts"]),
            by=asks.name,
        )
        posts = _posts(request).filter(id__in=[post.id for post in made])
        return render_many(posts, asks.workspace, status=201)

    def list(self, request: Request, group_id: str) -> Response:
        posts = _posts(request).filter(group_id=uuid_of(group_id))
        return render_many(posts, caller(request).workspace)

    def destroy(self, request: Request, group_id: str) -> Response:
        actions.delete_group(workspace=caller(request).workspace, group_id=uuid_of(group_id))
        return Response(status=204)


def _posts(request: Request) -> PostQuerySet:
    return Post.objects.filter(workspace=caller(request).workspace)


def _words(request: Request, *, partial: bool = False) -> Words:
    return Words(**checked(PostInput, request, partial=partial))


def _words_of_all(bodies: Sequence[dict[str, Any]]) -> Sequence[Words]:
    """This will understand the posts of a group, or say of each what is wrong with it."""
    posts = [PostInput(data=body) for body in bodies]
    wrong: dict[str, Any] = {}
    for index, post in enumerate(posts):
        with below("posts", index):
            if not post.is_valid():
                wrong[str(index)] = post.errors
    if wrong:
        raise ValidationError({"posts": wrong})
    return [Words(**post.validated_data) for post in posts]


def render_many(posts: PostQuerySet, workspace: Workspace, *, status: int = 200) -> Response:
    """This will answer with a workspace's posts that are no page of a longer list, oldest first."""
    found, present = shown(posts.order_by("created_at", "id"), workspace), Present()
    return Response({"data": [render_post(one, present) for one in found]}, status=status)
