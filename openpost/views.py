"""The few pages that belong to no room."""

from contextlib import suppress
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.views import APIView


def home(request: HttpRequest) -> HttpResponse:
    return redirect("admin:index")


def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process lives: it asks nobody, since a restart of it mends no database. /readyz says the rest."""
    return JsonResponse({"status": "ok"})


class NoSuchEndpoint(APIView):
    """What is answered under /v1 where nothing is. A key that is shown is counted here, too."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        with suppress(AuthenticationFailed):
            self.perform_authentication(request)
            self.check_throttles(request)
        raise Http404


no_such_endpoint = NoSuchEndpoint.as_view()
