"""The files the sandbox network has received: copies of its own, kept beside everybody's files."""

import mimetypes
import uuid
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage

from integrations.platforms.base import MediaKind, Medium
from integrations.platforms.client import Files

from .models import SandboxPost

FOLDER = "sandbox"
_FORM = "sandbox"
#: For how long a file that was received may still come to stand beside another post.
KEPT_FOR = timedelta(days=30)


def received(medium: Medium, *, files: Files, now: datetime) -> dict[str, Any]:
    """The file as the network keeps it: all that `Medium` says of it, and `file`, where its bytes are."""
    kept = files.kept(medium, form=_FORM)
    if kept is None:
        ending = mimetypes.guess_extension(medium.type) or ""
        with files.open(medium) as file:
            kept = {"file": default_storage.save(f"{FOLDER}/{uuid.uuid4()}{ending}", File(file))}
        said = f"The sandbox network has received the {medium.kind} ({medium.size:,} bytes)."
        files.keep(medium, kept, form=_FORM, until=now + KEPT_FOR, said=said)
    return asdict(medium) | {"id": str(medium.id), "file": kept["file"]}


def shown(kept: Mapping[str, Any]) -> Medium:
    """What the platform's rules see of it."""
    values = {field.name: kept[field.name] for field in fields(Medium)}
    return Medium(**values | {"id": uuid.UUID(values["id"]), "kind": MediaKind(values["kind"])})


def unnamed() -> list[str]:
    """The files that stand beside no received post (any more)."""
    try:
        _, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:  # nothing was ever received
        return []
    received = SandboxPost.objects.exclude(media=[]).values_list("media", flat=True)
    named = {kept["file"] for media in received.iterator() for kept in media}
    return [path for name in names if (path := f"{FOLDER}/{name}") not in named]
