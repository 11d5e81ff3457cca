"""The least that the server and Django can do for a request: a view that answers with JSON, and nothing around it."""

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

application = get_wsgi_application()


def view(request: HttpRequest) -> JsonResponse:
    answer = JsonResponse({"data": [], "next_cursor": None})
    answer.headers["Content-Length"] = str(len(answer.content))  # elsewhere a middleware's doing
    return answer


urlpatterns = [path("bare", view)]
