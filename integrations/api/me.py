"""/v1/me: whose key this is, and what it may do. For a program that has nothing but its key, of whatever scope."""

from rest_framework.request import Request
from rest_framework.response import Response

from integrations.authentication import caller
from openpost.api.viewsets import ApiViewSet

from .keys import render_key


class MeViewSet(ApiViewSet):
    needs = None

    def retrieve(self, request: Request) -> Response:
        key, workspace = caller(request).key, caller(request).workspace
        home = {"id": workspace.id, "name": workspace.name, "mode": workspace.mode}
        return Response({"data": {"key": render_key(key), "workspace": home}})
