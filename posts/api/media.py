"""/v1/media: each view parses, makes one call, renders. Everything begins at the key's workspace."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.input import uuid_of
from integrations.authentication import caller
from openpost.api import idempotency
from openpost.api.errors import ApiError, refuse
from openpost.api.fields import StrictCharField
from openpost.api.pages import PAGING, page_of
from openpost.api.viewsets import ApiViewSet
from openpost.fetching import Unfetchable
from posts import checking
from posts.media import actions, receiving, storage
from posts.media.output import render_media
from posts.media.receiving import Incoming
from posts.media.types import Unusable
from posts.models import Media
from posts.models.media import LONGEST_ALT_TEXT

from .media_upload import Upload, UploadParser

#: Nobody's address is longer. https://www.rfc-editor.org/rfc/rfc9110#section-4.1
LONGEST_ADDRESS = 8000
#: Seconds after which somebody may come again who found all places taken.
AGAIN = 5


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


class MediaListViewSet(ApiViewSet):
    """The files of a workspace, and the one address that takes multipart/form-data."""

    parser_classes = [UploadParser]
    parameters = {"list": PAGING}
    network_first = frozenset({"create"})

    def list(self, request: Request) -> Response:
        return page_of(request, Media.objects.filter(workspace=caller(request).workspace)).answer(render_media)

    def create(self, request: Request) -> HttpResponse:
        # The body is not read before there is a place for it.
        with _refusals("/file"), receiving.slot(caller(request).workspace):
            storage.require_room(caller(request).workspace)
            upload = _upload(request)
            try:
                said = _said(MediaInput, upload.fields.dict())
                _require_readable(said.get("alt_text", ""))
                body = [upload.incoming.digest, upload.incoming.name, dict(upload.fields.lists())]
                # What was answered before needs no cleaning and storing again.
                before = idempotency.answered(request, body=body)
                return before or _kept(request, upload.incoming, said, body=body)
            finally:
                upload.incoming.remove()


class MediaViewSet(ApiViewSet):
    network_first = frozenset({"from_url"})

    def from_url(self, request: Request) -> HttpResponse:
        said = _said(AddressInput, request.data)
        if before := idempotency.answered(request):
            return before
        workspace = caller(request).workspace
        with _refusals("/url"), receiving.slot(workspace):
            storage.require_room(workspace)
            with actions.fetched(said["url"]) as incoming:
                return _kept(request, incoming, said, body=request.data)

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
        again = AGAIN if error.code == "too_many_uploads" else None
        raise refuse(error.code, error.sentence, field=field, status=error.status, retry_after=again) from error
    except Unfetchable as error:
        raise refuse(error.code, error.sentence, field=field) from error


def _said(kind: type[MediaInput], body: Any) -> dict[str, Any]:
    data = kind(data=body)
    data.is_valid(raise_exception=True)
    said: dict[str, Any] = data.validated_data
    return said


def _require_readable(text: str) -> None:
    """A form is read leniently: what was no UTF-8 shows as U+FFFD, and is refused as it is in JSON."""
    if "\ufffd" in text:
        raise refuse("invalid_text", "alt_text must be valid UTF-8.", field="/alt_text")


def _upload(request: Request) -> Upload:
    upload = request.data
    if isinstance(upload, Upload):
        return upload
    if "Transfer-Encoding" in request.headers:
        raise refuse("length_required", "Say in Content-Length how long the body is.", status=411)
    raise refuse("field_required", "file is required, in a body of multipart/form-data.", field="/file")


def _kept(request: Request, incoming: Incoming, said: dict[str, Any], *, body: Any) -> HttpResponse:
    """This will keep the file, and write its row and the answer in one transaction."""
    alt_text = said.get("alt_text", "")
    media = actions.store(workspace=caller(request).workspace, incoming=incoming, alt_text=alt_text)
    try:
        answer = idempotency.once(request, partial(_recorded, media, said), body=body)
    except (ApiError, Unusable):
        actions.drop(media)
        raise
    if media.is_unrecorded:  # somebody else was quicker with the same key
        actions.drop(media)
    return answer


def _recorded(media: Media, said: dict[str, Any]) -> Response:
    actions.record(media)
    return Response({"media": {**render_media(media), "warnings": _warnings(said)}}, status=201)


def _warnings(said: dict[str, Any]) -> Any:
    return checking.unknown_fields(said["unknown"])


def _media_of(request: Request, media_id: str) -> Media:
    """This will find a file of the caller's; raises what becomes a 404."""
    return Media.objects.get(workspace=caller(request).workspace, id=uuid_of(media_id))
