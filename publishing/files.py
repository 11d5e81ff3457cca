"""A post's files as a platform's client asks for them, and what the platform gave for each, kept for the next try."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

from integrations.models import Integration
from integrations.platforms.base import Medium
from integrations.platforms.errors import Rejected
from openpost import clock, failpoints
from posts.lifecycle import Claim
from posts.models import Media

from . import evidence, stopping
from .models import Upload


class PostFiles:
    """The `Files` of client.py, for one attempt. Nothing is read once this worker is to end."""

    def __init__(self, claim: Claim, integration: Integration) -> None:
        self._claim, self._integration = claim, integration

    @contextmanager
    def open(self, medium: Medium) -> Iterator[BinaryIO]:
        stopping.require_running()
        media = Media.objects.filter(id=medium.id).first()
        if media is None:
            raise Rejected(
                "A file of this post was removed. Duplicate the post, give the copy another file, and publish that.",
                code="media_gone",
            )
        with media.file.open("rb") as file:
            yield _Watched(file)  # type: ignore[misc]  # all that a client does with it is read and seek

    def kept(self, medium: Medium, *, form: str) -> dict[str, Any] | None:
        stopping.require_running()
        mine = Upload.objects.filter(integration=self._integration, media=medium.id, form=form)
        upload = mine.filter(good_until__gt=clock.now()).first()
        return dict(upload.reference) if upload else None

    def keep(
        self, medium: Medium, reference: Mapping[str, Any], *, form: str, until: datetime, ready: bool = True, said: str
    ) -> None:
        Upload.objects.update_or_create(
            integration=self._integration,
            media_id=medium.id,
            form=form,
            defaults={"reference": dict(reference), "ready": ready, "good_until": until},
        )
        self.tell(said)

    def tell(self, said: str) -> None:
        evidence.tell(self._claim, said, now=clock.now())
        failpoints.reach("uploaded", self._claim.target_id)


class _Watched:
    """A file that is not read to its end by a worker that is to end before that."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        stopping.require_running()
        data: bytes = self._file.read(size)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
