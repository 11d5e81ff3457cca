"""Files on the account's own server: sent once, kept for the next try, and what each is called in a record.

A server keeps a file that no record names for an hour at least, then it may go.
https://atproto.com/guides/blob-lifecycle
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from .. import images
from ..base import Medium
from ..client import Account, Files
from ..errors import NotNow, Rejected
from . import sorting
from .repository import server, token
from .rules import Bluesky
from .xrpc import Failed, upload

#: How long what was uploaded is good for another try.
KEPT = timedelta(minutes=50)
_IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Image:
    """An image on the server: what a record calls it, and its size in pixels."""

    blob: Mapping[str, Any]
    width: int
    height: int


def send(account: Account, file: BinaryIO, *, size: int, mime_type: str) -> dict[str, Any]:
    """This will upload a file and give what records call it. Harmless to repeat: the same bytes have the same name."""
    try:
        answer = upload(
            server(account), "com.atproto.repo.uploadBlob", file, size=size, mime_type=mime_type, token=token(account)
        )
    except Failed as failed:
        raise sorting.harmless(failed) from failed
    return named(answer.get("blob"))


def named(blob: object) -> dict[str, Any]:
    """The blob of an answer, as a record holds it. Raises NotNow for one that is none."""
    if not (isinstance(blob, dict) and isinstance(blob.get("ref"), dict) and blob["ref"].get("$link")):
        raise NotNow("The server took a file without saying what it is called.", detail=str(blob)[:500])
    return {"$type": "blob", "ref": blob["ref"], "mimeType": blob.get("mimeType"), "size": blob.get("size")}


def image(account: Account, medium: Medium, *, files: Files, now: datetime) -> Image:
    """The image on the account's server, brought to size only if it must be."""
    held = files.kept(medium, form=_IMAGE)
    if held is None:
        held, said = _upload(account, medium, files)
        files.keep(medium, held, form=_IMAGE, until=now + KEPT, said=said)
    return Image(held["blob"], held["width"], held["height"])


def _upload(account: Account, medium: Medium, files: Files) -> tuple[dict[str, Any], str]:
    limits = Bluesky.media
    with files.open(medium) as file:
        try:
            fitted = images.fit(file, most_bytes=limits.image_bytes, types=limits.image_types)
        except images.Unusable as error:
            raise Rejected(
                f"{error} Duplicate the post and give the copy another one.", code="media_refused"
            ) from error
        if fitted is None:
            file.seek(0)
            blob = send(account, file, size=medium.size, mime_type=medium.type)
            said = f"An image was uploaded to Bluesky as it is ({megabytes(medium.size)})."
            return {"blob": blob, "width": medium.width, "height": medium.height}, said
    blob = send(account, io.BytesIO(fitted.data), size=len(fitted.data), mime_type=fitted.type)
    said = (
        f"An image was brought from {megabytes(medium.size)} to {megabytes(len(fitted.data))} and uploaded to Bluesky."
    )
    return {"blob": blob, "width": fitted.width, "height": fitted.height}, said


def megabytes(size: int) -> str:
    """The size as people say it."""
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{size / 1000:.0f} kB"
