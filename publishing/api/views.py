"""/v1/posts/{id}: what happened to it, and a person's word on what nobody else can tell."""

from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.input import uuid_of
from integrations.authentication import caller
from openpost.api.bodies import checked
from openpost.api.viewsets import ApiViewSet
from posts.api.scope import one_post, post_of
from publishing import resolve, timeline

from .input import ResolveInput
from .output import render_timeline


class TimelineViewSet(ApiViewSet):
    def list(self, request: Request, post_id: str) -> Response:
        return Response(render_timeline(timeline.of_post(post_of(request, post_id))))


class TargetViewSet(ApiViewSet):
    def resolve(self, request: Request, post_id: str, target_id: str) -> Response:
        target = post_of(request, post_id).targets.get(id=uuid_of(target_id))
        said, by = checked(ResolveInput, request), caller(request).name
        if said["published"]:
            return one_post(resolve.live(target=target, url=said["url"], by=by))
        return one_post(resolve.absent(target=target, by=by))
