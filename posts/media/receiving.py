"""A file on its way to us: written to the disk as it comes, and stopped as soon as it is known not to be taken."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest

from integrations.models import Workspace

from .types import HEAD, MOST_BODY_BYTES, Unusable, most_bytes, too_large, type_of


class Places:
    """Files that one process receives at a time: the rest of its threads stays free for everybody else.

    A workspace has at most half of the places, so that a slow or wicked one leaves room for the others.
    """

    def __init__(self, most: int) -> None:
        self._most, self._share = most, max(1, most // 2)
        self._taken: Counter[uuid.UUID] = Counter()
        self._lock = Lock()

    def take(self, workspace_id: uuid.UUID) -> None:
        """This will take one of the places for the workspace; raises Unusable when it may have none."""
        with self._lock:
            if self._taken[workspace_id] >= self._share:
                raise _crowded(f"{self._taken[workspace_id]} files of this workspace are", status=429)
            if self._taken.total() >= self._most:
                raise _crowded("As many files as we take at once are", status=503)
            self._taken[workspace_id] += 1

    def give_back(self, workspace_id: uuid.UUID) -> None:
        with self._lock:
            self._taken[workspace_id] -= 1
            self._taken += Counter()  # forgets whoever has none


def _crowded(who: str, *, status: int) -> Unusable:
    return Unusable("too_many_uploads", f"{who} on their way to us already; try again in a few seconds.", status=status)


@cache
def _places() -> Places:
    return Places(settings.UPLOADS_AT_ONCE)


def folder() -> Path:
    """Where files wait that are on their way."""
    path = Path(settings.FILE_UPLOAD_TEMP_DIR)
    path.mkdir(parents=True, exist_ok=True)
    return path


class Incoming:
    """One file that is being written. `add` raises Unusable at the first byte that makes it one we do not take."""

    def __init__(self) -> None:
        self.path = folder() / f"{uuid.uuid4().hex}.incoming"
        self.name = ""
        self.size = 0
        self.type = ""
        self._head = b""
        self._hash = hashlib.sha256()
        self._file: BinaryIO = self.path.open("xb")

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        if not self.type:
            self._head += piece[:HEAD]
            if len(self._head) >= HEAD:
                self.type = type_of(self._head)
        if self.type and self.size > most_bytes(self.type):
            raise too_large(self.type)
        self._hash.update(piece)
        self._file.write(piece)

    @property
    def digest(self) -> str:
        """What tells its bytes from all others."""
        return self._hash.hexdigest()

    def complete(self) -> None:
        """This will end the writing; raises Unusable for a file that is empty or that we do not take."""
        self._file.close()
        if not self.size:
            raise Unusable("file_empty", "The file is empty.")
        self.type = self.type or type_of(self._head)

    def cleaned(self) -> Path:
        """Where what is made of the file may be written."""
        return self.path.with_suffix(".clean")

    def remove(self) -> None:
        self._file.close()
        for path in (self.path, self.cleaned()):
            path.unlink(missing_ok=True)


@contextmanager
def slot(workspace: Workspace) -> Iterator[None]:
    """This will hold one of the places for files on their way; raises Unusable when there is none for the workspace."""
    _places().take(workspace.id)
    try:
        yield
    finally:
        _places().give_back(workspace.id)


@contextmanager
def received(upload: "UploadedFile[Any]") -> Iterator[Incoming]:
    """This will give a file that came by a form, until the block ends; raises Unusable."""
    incoming = Incoming()
    try:
        incoming.name = upload.name or ""
        for piece in upload.chunks():
            incoming.add(piece)
        incoming.complete()
        yield incoming
    finally:
        incoming.remove()


class BoundedHandler(TemporaryFileUploadHandler):
    """Files that come by admin: to the disk like all others, and none of a body larger than any that we take."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803
        if content_length > MOST_BODY_BYTES:
            raise RequestDataTooBig("The body is larger than the largest file.")
        if content_length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and not _signed_in(self.request):
            # Whoever is not signed in has no file for us; to read it would hold a thread for as long as they like.
            raise RequestDataTooBig("The body is larger than any form of ours without a file.")
        folder()


def _signed_in(request: HttpRequest | None) -> bool:
    return request is not None and request.user.is_authenticated
