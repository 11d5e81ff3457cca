"""`/files/…`: the files themselves, for whoever holds a signed link: people, players, and platforms that fetch.

What strangers uploaded comes from our own host, so a browser is told to run nothing of it and to believe nothing but
its type. From S3 it comes straight, by a short-lived link of its own.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from posts.models import Media

from .links import ExpiredLink, WrongLink, opened

#: How long a link to S3 is good: for as long as it takes to follow it.
S3_SECONDS = 300
PIECE = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@require_safe
def serve(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """This will give the file, or a range of it; 410 for a link that is over and 404 for one we did not make."""
    try:
        media_id, until = opened(token)
    except ExpiredLink:
        return _plainly("This link to a file has expired. Ask the API, or whoever gave it to you, for a new one.", 410)
    except WrongLink:
        return _plainly("There is no such file.", 404)
    media = Media.objects.filter(id=media_id).first()
    if media is None:
        return _plainly("There is no such file; it has been deleted.", 404)
    try:
        path = Path(media.file.path)
    except NotImplementedError:
        return _sent_on(media)
    try:
        response = _answer(request, media, path)
    except FileNotFoundError:
        return _plainly("There is no such file.", 404)
    for header, value in _headers(media, until).items():
        response[header] = value
    return response


def _answer(request: HttpRequest, media: Media, path: Path) -> HttpResponseBase:
    if request.headers.get("If-None-Match") == _etag(media):
        return HttpResponse(status=304)
    # A range of another file than the one at hand is none.
    same = request.headers.get("If-Range", _etag(media)) == _etag(media)
    asked = _RANGE.fullmatch(request.headers.get("Range", "")) if same else None
    if asked is None or asked.groups() == ("", ""):
        return FileResponse(path.open("rb"), content_type=media.file_type)
    first, last = _bounds(asked[1], asked[2], media.file_size)
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{media.file_size}"})
    pieces = _pieces(path.open("rb"), first, last - first + 1)
    response = StreamingHttpResponse(pieces, status=206, content_type=media.file_type)
    response["Content-Range"] = f"bytes {first}-{last}/{media.file_size}"
    response["Content-Length"] = str(last - first + 1)
    return response


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and the last byte of a range as it was asked for; the last ones when it begins with none."""
    if not first:
        return max(size - int(last), 0) if int(last) else size, size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _pieces(file: BinaryIO, begin: int, size: int) -> Iterator[bytes]:
    with file:
        file.seek(begin)
        while size and (piece := file.read(min(size, PIECE))):
            size -= len(piece)
            yield piece


def _sent_on(media: Media) -> HttpResponse:
    said = {"ResponseContentType": media.file_type, "ResponseContentDisposition": _disposition(media)}
    storage: Any = media.file.storage  # S3's `url` takes more than others do
    response = HttpResponseRedirect(storage.url(media.file.name, parameters=said, expire=S3_SECONDS))
    response["Cache-Control"] = f"private, max-age={S3_SECONDS // 2}"
    return response


def _headers(media: Media, until: datetime) -> dict[str, str]:
    return {
        "Content-Disposition": _disposition(media),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        "ETag": _etag(media),
        "Cache-Control": f"private, immutable, max-age={(until - timezone.now()) // timedelta(seconds=1)}",
    }


def _etag(media: Media) -> str:
    return f'"{media.id}"'  # the bytes of a file never change


def _disposition(media: Media) -> str:
    return f'inline; filename="{media.id}{media.suffix}"'


def _plainly(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
