"""/v1/media: each view parses, makes one call, renders. Everything begins at the key's workspace."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from openpost.api.errors import refuse
from openpost.api.fields import StrictCharField
from openpost.fetching import Unfetchable
from posts import checking
from posts.media import actions, receiving
from posts.media.output import render_media
from posts.media.types import Unusable
from posts.models import Media

from .media_upload import Upload, UploadParser
from .scope import caller, limit_of, uuid_of

#: What a text of any platform's alt text may have, and some more.
LONGEST_ALT_TEXT = 2000
#: Nobody's address is longer. https://www.rfc-editor.org/rfc/rfc9110#section-4.1
LONGEST_ADDRESS = 8000


class MediaInput(serializers.Serializer[Any]):
    """What may be said of a file."""

    alt_text = StrictCharField(allow_blank=True, max_length=LONGEST_ALT_TEXT, required=False)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise refuse("invalid_value", "The body must be a JSON object.")
        value = super().to_internal_value(data)
        value["unknown"] = [(name,) for name in data if name not in self.fields]
        return value


class AddressInput(MediaInput):
    """The body of POST /v1/media/from-url."""

    url = StrictCharField(max_length=LONGEST_ADDRESS)


class MediaListViewSet(ViewSet):
    """The files of a workspace, and the one address that takes multipart/form-data."""

    parser_classes = [UploadParser]

    def list(self, request: Request) -> Response:
        media = Media.objects.filter(workspace=caller(request).workspace).order_by("-created_at", "-id")
        return Response({"data": [render_media(one) for one in media[: limit_of(request)]]})

    def create(self, request: Request) -> Response:
        # The body is not read before there is a place for it.
        with _refusals("/file"), receiving.slot():
            upload = request.data
            if not isinstance(upload, Upload):
                if "Transfer-Encoding" in request.headers:
                    raise refuse("length_required", "Say in Content-Length how long the body is.", status=411)
                raise refuse("field_required", "file is required, in a body of multipart/form-data.", field="/file")
            try:
                said = _said(MediaInput, upload.fields.dict())
                media = actions.add(
                    workspace=caller(request).workspace,
                    incoming=upload.incoming,
                    alt_text=_readable(said.get("alt_text", "")),
                )
            finally:
                upload.incoming.remove()
        return _made(media, said)


class MediaViewSet(ViewSet):
    def from_url(self, request: Request) -> Response:
        said = _said(AddressInput, request.data)
        with _refusals("/url"), receiving.slot():
            media = actions.add_from_url(
                workspace=caller(request).workspace, url=said["url"], alt_text=said.get("alt_text", "")
            )
        return _made(media, said)

    def retrieve(self, request: Request, media_id: str) -> Response:
        return Response({"data": render_media(_media_of(request, media_id))})

    def partial_update(self, request: Request, media_id: str) -> Response:
        media, said = _media_of(request, media_id), _said(MediaInput, request.data)
        if "alt_text" in said:
            media = actions.describe(media=media, alt_text=said["alt_text"])
        return Response({"data": {**render_media(media), "warnings": _warnings(said)}})

    def destroy(self, request: Request, media_id: str) -> Response:
        actions.delete(media=_media_of(request, media_id))
        return Response(status=204)


@contextmanager
def _refusals(field: str) -> Iterator[None]:
    """This will answer what is wrong with a file, or with where it was looked for, in the one shape."""
    try:
        yield
    except Unusable as error:
        raise refuse(error.code, error.sentence, field=field, status=error.status) from error
    except Unfetchable as error:
        raise refuse(error.code, error.sentence, field=field) from error


def _said(kind: type[MediaInput], body: Any) -> dict[str, Any]:
    data = kind(data=body)
    data.is_valid(raise_exception=True)
    said: dict[str, Any] = data.validated_data
    return said


def _readable(text: str) -> str:
    """A form is read leniently: what was no UTF-8 shows as U+FFFD, and is refused as it is in JSON."""
    if "\ufffd" in text:
        raise refuse("invalid_text", "alt_text must be valid UTF-8.", field="/alt_text")
    return text


def _made(media: Media, said: dict[str, Any]) -> Response:
    return Response({"media": {**render_media(media), "warnings": _warnings(said)}}, status=201)


def _warnings(said: dict[str, Any]) -> Any:
    return checking.unknown_fields(said["unknown"])


def _media_of(request: Request, media_id: str) -> Media:
    """This will find a file of the caller's; raises what becomes a 404."""
    return Media.objects.get(workspace=caller(request).workspace, id=uuid_of(media_id))
