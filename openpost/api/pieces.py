"""A body that comes in pieces (`Transfer-Encoding: chunked`), and so does not say how long it is.

Django and DRF take it for no body at all: https://code.djangoproject.com/ticket/35838. So it is read here, at most as
much of it as a body may have, and put where they look.
"""

from io import BytesIO

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError
from gunicorn.http.errors import ParseException

from .errors import ApiError, Fault, body_for_status


def gather(request: HttpRequest) -> None:
    """This will make a body in pieces one of a known length; raises a 411 where that cannot be done.

    A file is not held in memory, so it must say its length; and without `wsgi.input_terminated` nobody says where the
    body ends.
    """
    environ = request.META
    if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" not in environ:
        return
    if not environ.get("wsgi.input_terminated") or request.content_type == "multipart/form-data":
        said = body_for_status(411)
        raise ApiError(Fault(said["code"], said["error"]), status=411)
    try:
        raw = environ["wsgi.input"].read(settings.API_MAX_BODY + 1)
    except (OSError, ParseException) as error:
        raise UnreadablePostError(str(error)) from error
    environ["CONTENT_LENGTH"] = str(len(raw))
    request._stream = BytesIO(raw)
