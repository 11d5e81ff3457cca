"""The few pages that belong to no room."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt

from .api.errors import body_for_status


def home(request: HttpRequest) -> HttpResponse:
    return redirect("admin:index")


def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve: it answers 200 when PostgreSQL does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@csrf_exempt
def no_such_endpoint(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    return JsonResponse(body_for_status(404), status=404)
