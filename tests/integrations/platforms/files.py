"""The files of a post as a client is given them, held in memory: what was kept, and what was said of it."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.utils import timezone

from integrations.platforms.base import MediaKind, Medium
from integrations.platforms.client import Files


@dataclass
class Kept:
    """What a platform gave for one file in one form."""

    reference: dict[str, Any]
    until: datetime
    ready: bool


@dataclass
class MemoryFiles(Files):
    """`said` is what the post's timeline would show, oldest first."""

    contents: dict[UUID, bytes] = field(default_factory=dict)
    references: dict[tuple[UUID, str], Kept] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def add(self, content: bytes, *, kind: MediaKind = MediaKind.IMAGE, type: str, **facts: Any) -> Medium:  # noqa: A002
        """This will give a new file as the rules see it; `facts` are Medium's other fields."""
        medium = Medium(id=uuid4(), kind=kind, type=type, size=len(content), **facts)
        self.contents[medium.id] = content
        return medium

    @contextmanager
    def open(self, medium: Medium) -> Iterator[BinaryIO]:
        with io.BytesIO(self.contents[medium.id]) as file:
            yield file

    def kept(self, medium: Medium, *, form: str) -> dict[str, Any] | None:
        kept = self.references.get((medium.id, form))
        return kept.reference if kept and kept.until > timezone.now() else None

    def keep(
        self, medium: Medium, reference: Mapping[str, Any], *, form: str, until: datetime, ready: bool = True, said: str
    ) -> None:
        self.references[medium.id, form] = Kept(dict(reference), until, ready)
        self.tell(said)

    def tell(self, said: str) -> None:
        self.said.append(said)
