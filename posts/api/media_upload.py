"""multipart/form-data in, at the one address that takes it: a file streamed to the disk, and its alt text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from rest_framework.parsers import BaseParser

from openpost.api.errors import ApiError, refuse
from openpost.pace import TooSlow
from posts.media.receiving import Incoming
from posts.media.types import MOST_BODY_BYTES, MOST_VIDEO_BYTES, spelled


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has come whole, and the fields beside it. Whoever has it removes the file."""

    incoming: Incoming
    fields: QueryDict


class UploadParser(BaseParser):
    """Takes whatever is sent, so that what is no upload is told how to be one."""

    media_type = "*/*"

    def parse(  # type: ignore[override]  # what we give is what the view gets
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Upload:
        meta = (parser_context or {})["request"].META
        if not (media_type or "").lower().startswith("multipart/form-data"):
            said = "Send the file as multipart/form-data, in a field named file; an address goes to /v1/media/from-url."
            raise refuse("unsupported_media_type", said, status=415)
        if int(meta.get("CONTENT_LENGTH") or 0) > MOST_BODY_BYTES:
            raise refuse(
                "file_too_large", f"A file may have at most {spelled(MOST_VIDEO_BYTES)}.", field="/file", status=413
            )
        receiver = Receiver()
        try:
            fields, _ = MultiPartParser({**meta, "CONTENT_TYPE": media_type}, stream, [receiver]).parse()
            return Upload(receiver.received(), fields)
        except BaseException as error:
            receiver.remove()
            raise _meaning(error) from error


def _meaning(error: BaseException) -> BaseException:
    match error:
        case MultiPartParserError():
            return refuse("invalid_multipart", f"The body is not valid multipart/form-data: {error}.")
        case RequestDataTooBig():
            said = f"The fields beside the file have more than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes."
            return refuse("body_too_large", said, status=413)
        case SuspiciousOperation():
            return refuse("invalid_multipart", "The body has too many parts.")
        case UnreadablePostError() if isinstance(error.__cause__, TooSlow):
            return refuse("too_slow", f"{error.__cause__} Nothing was kept; send it again over a faster line.")
        case UnreadablePostError() | TimeoutError():
            return broken_off()
        case _:
            return error


def broken_off() -> ApiError:
    return refuse("upload_broken_off", "The upload broke off before its end; nothing was kept. Send it again.")


class Receiver(FileUploadHandler):
    """Django's parser hands it the file, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._incoming: Incoming | None = None

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        if field_name != "file":
            raise refuse("unknown_field", "The file must be in a field named file.", field="/file")
        if self._incoming:
            raise refuse("too_many_files", "Send one file at a time.", field="/file")
        self._incoming = Incoming()
        self._incoming.name = file_name

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._incoming:
            self._incoming.add(raw_data)

    def file_complete(self, file_size: int) -> None:
        if self._incoming:
            self._incoming.complete()

    def upload_interrupted(self) -> None:
        raise broken_off()

    def received(self) -> Incoming:
        if self._incoming is None:
            raise refuse("field_required", "file is required: a file, with its name.", field="/file")
        return self._incoming

    def remove(self) -> None:
        if self._incoming:
            self._incoming.remove()
