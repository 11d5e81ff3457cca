"""A post's files as a platform's client asks for them, and what the platform gave for each, kept for the next try."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, BinaryIO

from django.db import transaction

from integrations.models import Integration
from integrations.platforms.base import Medium
from integrations.platforms.errors import Rejected
from openpost import clock, failpoints
from posts.lifecycle import Claim
from posts.models import Media

from . import evidence, leases, stopping
from .models import Upload

#: How long after one piece of a file the next may be read, or the answer to the last may come (xrpc.py: two minutes).
NEXT_PIECE = timedelta(minutes=3)


class PostFiles:
    """The `Files` of client.py, for one attempt. Nothing is read once this worker is to end, or another has taken over.

    The second, because a server that takes its time with every file of a long thread would hold one thread of ours
    after another for a target that has long been somebody else's.
    """

    def __init__(self, claim: Claim, integration: Integration) -> None:
        self._claim, self._integration = claim, integration
        self._held_at = 0.0

    @contextmanager
    def open(self, medium: Medium) -> Iterator[BinaryIO]:
        self._require_ours()
        media = Media.objects.filter(id=medium.id).first()
        if media is None:
            raise Rejected(
                "A file of this post was removed. Duplicate the post, give the copy another file, and publish that.",
                code="media_gone",
            )
        with media.file.open("rb") as file:
            yield _Watched(file, self._moved_on)  # type: ignore[misc]  # all that a client does with it is read and seek

    def kept(self, medium: Medium, *, form: str) -> dict[str, Any] | None:
        self._require_ours()
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

    def _moved_on(self) -> None:
        """A file that is read is an upload that goes on: however long it takes, no other worker shall begin it anew."""
        self._require_ours()
        leases.keeper.prolong(self._claim, by=NEXT_PIECE)

    def _require_ours(self) -> None:
        """This will raise NotNow or LeaseLost when somebody else is to go on; the claim is looked at now and then."""
        stopping.require_running()
        if monotonic() - self._held_at >= leases.EVERY.total_seconds():
            with transaction.atomic():
                leases.hold(self._claim)
            self._held_at = monotonic()


class _Watched:
    """A file that is read no further than its reader may."""

    def __init__(self, file: Any, require: Callable[[], None]) -> None:
        self._file, self._require = file, require

    def read(self, size: int = -1) -> bytes:
        self._require()
        data: bytes = self._file.read(size)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
