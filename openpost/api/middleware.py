"""What holds for every request: an id, and under /v1 the API's manners also for answers no view of ours made."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from . import errors
from . import request_id as ids

GetResponse = Callable[[HttpRequest], HttpResponse]


def request_id(get_response: GetResponse) -> GetResponse:
    """This will name every request, and its answer, with one id; a caller's own is kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        name = ids.begin(request.headers.get("X-Request-Id"))
        response = get_response(request)
        response["X-Request-Id"] = name
        return response

    return middleware


def api_manners(get_response: GetResponse) -> GetResponse:
    """This will make `/v1/posts/` mean `/v1/posts`, and turn Django's own error pages under /v1 into JSON."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/v1/"):
            return get_response(request)
        request.path_info = request.path_info.rstrip("/")
        response = get_response(request)
        is_json = response.get("Content-Type", "").startswith("application/json")
        if response.status_code >= 400 and not is_json:
            body = errors.body_for_status(response.status_code)
            return JsonResponse(body, status=response.status_code, headers={"Vary": "Accept"})
        return response

    return middleware
