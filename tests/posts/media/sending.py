"""Sending files as programs do."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from integrations.models import Workspace
from posts.media import actions
from posts.media.receiving import Incoming
from posts.models import Media
from tests.builders import ApiClient

from . import pictures

BOUNDARY = "----a-boundary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, body: bytes, *, filename: str | None = None, kind: str = "application/octet-stream") -> bytes:
    file = f'; filename="{filename}"' if filename is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\nContent-Type: {kind}\r\n\r\n'
    return head.encode() + body + b"\r\n"


def file(body: bytes, filename: str = "holiday.jpg", *, kind: str = "application/octet-stream") -> bytes:
    return part("file", body, filename=filename, kind=kind)


def send(client: ApiClient, *parts: bytes, end: bytes = f"--{BOUNDARY}--\r\n".encode()) -> Any:
    """POST /v1/media with these parts."""
    return client.generic("POST", "/v1/media", b"".join(parts) + end, MULTIPART)


def media(workspace: Workspace, data: bytes | None = None, *, name: str = "holiday.jpg", alt_text: str = "") -> Media:
    """A file of the workspace, kept by the product's own verb."""
    incoming = Incoming()
    try:
        incoming.name = name
        incoming.add(pictures.jpeg() if data is None else data)
        incoming.complete()
        return actions.add(workspace=workspace, incoming=incoming, alt_text=alt_text)
    finally:
        incoming.remove()


def path_of(url: str) -> str:
    return urlsplit(url).path


def body(response: Any) -> bytes:
    pieces: Iterable[bytes] = response.streaming_content if response.streaming else [response.content]
    return b"".join(pieces)


def fetched(url: str, **headers: str) -> Any:
    """The answer to somebody who holds a link and nothing else."""
    return Client().get(path_of(url), headers=headers)
