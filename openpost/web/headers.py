"""What every answer tells the browser, beside what Django's SecurityMiddleware, whitenoise and django-csp say."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

#: Nothing here uses what the browser could lend: not even a page that was tampered with gets it.
#: https://www.w3.org/TR/permissions-policy/
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi",
        "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return answer
