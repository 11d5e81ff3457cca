"""/v1/openapi.json, for everybody."""

import hashlib

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from rest_framework.request import Request

from openpost.api.viewsets import ApiViewSet

#: Seconds: a new version of this service is seen that soon.
KEPT = 300


class OpenApiViewSet(ApiViewSet):
    authentication_classes = []
    permission_classes = []
    throttle_classes = []

    def retrieve(self, request: Request) -> HttpResponse:
        from .generator import rendered  # what makes it is loaded by the first who asks

        content = rendered()
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": f"public, max-age={KEPT}"}
        response = HttpResponse(content, content_type="application/json", headers=headers)
        return get_conditional_response(request._request, etag=etag, response=response) or response
