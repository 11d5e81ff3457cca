"""Giving X the files of a post: images in one call, what moves in pieces; then processing, and the alt text.

Nothing of it is live, so all of it may be done again. X keeps an upload for a day, unless a post has it.
https://docs.x.com/x-api/media/quickstart/media-upload-chunked
"""

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import requests
from django.utils import timezone
from urllib3 import encode_multipart_formdata

from .. import images
from ..base import MediaKind, Medium
from ..client import Account, Files
from ..errors import NotNow, Rejected
from . import answers, media_answers
from .rules import MEDIA
from .session import UPLOAD_WITHIN, Bearer, Refused, Session, Upload

#: Bytes of a piece, as in X's own example. More than 5 MB are refused, and so is a thousand-and-first piece.
# https://github.com/xdevplatform/large-video-upload-python
PIECE = 4 * 1024 * 1024
#: How often one piece is sent before the whole upload is put off. Sending a piece again replaces it.
TRIES = 3

#: An image is taken for good this long. X cannot be asked whether it still has one, and it costs a single call.
IMAGE_KEPT = timedelta(minutes=10)
#: This long before X forgets what moves, it is uploaded anew; until then X is asked whether it still has it.
MARGIN = timedelta(hours=1)

#: How often X is asked at once how far its processing is, and the longest pause before: a worker does not wait longer.
POLLS, PAUSE = 3, 2.0
#: X documents no bound. Whatever takes longer is uploaded anew.
PROCESSED_WITHIN = timedelta(minutes=30)

CATEGORIES = {MediaKind.IMAGE: "tweet_image", MediaKind.GIF: "tweet_gif", MediaKind.VIDEO: "tweet_video"}
NAMES = {MediaKind.IMAGE: "image", MediaKind.GIF: "GIF", MediaKind.VIDEO: "video"}
ANOTHER = "Give a copy of the post another file, and publish that."


@dataclass(frozen=True, slots=True)
class Uploads:
    """One account's uploads in one try.

    What is kept for a file is `{"media_id": str}`, with `"since"`, an ISO time, while X may still be processing it.
    """

    account: Account
    files: Files
    now: datetime

    def media_ids(self, media: Iterable[Medium]) -> dict[UUID, str]:
        """X's ids of the files, good for a post.

        Raises NotNow while X is at work on one (after all are there), Rejected when X does not want one, Disconnected
        without leave to upload.
        """
        ids: dict[UUID, str] = {}
        waiting: NotNow | None = None
        for medium in media:
            try:
                ids[medium.id] = ids.get(medium.id) or self._media_id(medium)
            except NotNow as error:
                if not error.waiting:
                    raise
                waiting = error
        if waiting:
            raise waiting
        return ids

    def _media_id(self, medium: Medium) -> str:
        kept = self.files.kept(medium, form=form_of(medium))
        if kept and (medium.kind == MediaKind.IMAGE or self._has(medium, kept)):
            media_id: str = kept["media_id"]
            return media_id
        return self._image(medium) if medium.kind == MediaKind.IMAGE else self._in_pieces(medium)

    def _image(self, medium: Medium) -> str:
        with self.files.open(medium) as file:
            try:
                fitted = images.fit(file, most_bytes=MEDIA.image_bytes, types=MEDIA.image_types)
            except images.Unusable as error:
                raise Rejected(f"{error} {ANOTHER}", code="media_refused") from error
            file.seek(0)
            data = fitted.data if fitted else file.read()
        form = {"media_category": CATEGORIES[medium.kind], "media": ("media", data, "application/octet-stream")}
        media_id = media_answers.media_id_in(self._send("/2/media/upload", form))
        self._describe(medium, media_id)
        size = f"{_size(len(data))}, brought down from {_size(medium.size)}" if fitted else _size(medium.size)
        self._keep(medium, media_id, until=IMAGE_KEPT, said=f"An image was uploaded to X ({size}).")
        return media_id

    def _in_pieces(self, medium: Medium) -> str:
        what = {
            "media_type": medium.type,
            "media_category": CATEGORIES[medium.kind],
            "total_bytes": medium.size,
        }
        opened = self._ask("POST", "/2/media/upload/initialize", json=what)
        media_id, lasts = media_answers.media_id_in(opened), _lasts(opened)
        with self.files.open(medium) as file:
            number = 0
            while piece := file.read(PIECE):
                self._append(media_id, number, piece)
                number += 1
        # Said before it is finalized: if that answer is lost, X is asked what it has.
        self._keep(
            medium,
            media_id,
            until=lasts - MARGIN,
            since=self.now,
            said=f"A {NAMES[medium.kind]} was uploaded to X ({_size(medium.size)}).",
        )
        done = self._ask("POST", f"/2/media/upload/{media_id}/finalize")
        return self._processed(medium, media_answers.media_id_in(done), since=self.now, told=done)

    def _append(self, media_id: str, number: int, piece: bytes) -> None:
        form = {"segment_index": str(number), "media": ("media", piece, "application/octet-stream")}
        for left in reversed(range(TRIES)):
            try:
                self._send(f"/2/media/upload/{media_id}/append", form)
            except NotNow as error:
                if not left or error.code not in media_answers.PASSING:
                    raise
            else:
                return

    def _has(self, medium: Medium, kept: Mapping[str, Any]) -> bool:
        """Whether X still has the upload, and it is ready; processing that goes on is NotNow."""
        try:
            told = self._status(kept["media_id"])
        except NotNow as error:
            if error.code != "media_lost":
                raise
            told = {}
        since = kept.get("since")
        if not told.get("processing_info"):
            self._forget(medium, kept["media_id"], said=f"X has the {NAMES[medium.kind]} no more; it is uploaded anew.")
            return False
        if since:
            self._processed(medium, kept["media_id"], since=datetime.fromisoformat(since), told=told)
        return True

    def _processed(self, medium: Medium, media_id: str, *, since: datetime, told: Mapping[str, Any]) -> str:
        """This will wait a moment for X's processing, and leave the rest to the next try."""
        name, wait = NAMES[medium.kind], 0.0
        for left in reversed(range(POLLS + 1)):
            state, wait, reason = media_answers.processing_in(told)
            if state == "failed":
                self._forget(medium, media_id, said=f"X could not process the {name}.")
                raise Rejected(
                    f"X could not process the {name}{reason}. {ANOTHER}",
                    code="media_refused",
                    detail=str(told),
                )
            if state == "succeeded":
                self._describe(medium, media_id)
                self._keep(medium, media_id, until=_lasts(told) - MARGIN, said=f"The {name} is ready at X.")
                return media_id
            if left:
                time.sleep(min(wait, PAUSE))
                told = self._status(media_id)
        if self.now - since > PROCESSED_WITHIN:
            self._forget(medium, media_id, said=f"X did not finish processing the {name}; it is uploaded anew.")
            raise NotNow(f"X did not finish processing the {name} in time.", code="media_processing", detail=str(told))
        raise NotNow(
            f"X is still processing the {name}; the post goes out when it is ready.",
            code="media_processing",
            detail=str(told),
            retry_after=timedelta(seconds=max(wait, 1)),
            waiting=True,
        )

    def _status(self, media_id: str) -> dict[str, Any]:
        told = self._ask("GET", "/2/media/upload", params={"command": "STATUS", "media_id": media_id})
        media_answers.media_id_in(told)
        return told

    def _describe(self, medium: Medium, media_id: str) -> None:
        if medium.alt_text:
            words = {"alt_text": {"text": medium.alt_text}}
            self._ask("POST", "/2/media/metadata", json={"id": media_id, "metadata": words})

    def _keep(
        self, medium: Medium, media_id: str, *, until: timedelta, said: str, since: datetime | None = None
    ) -> None:
        reference = {"media_id": media_id} | ({"since": since.isoformat()} if since else {})
        self.files.keep(medium, reference, form=form_of(medium), until=self.now + until, ready=since is None, said=said)

    def _forget(self, medium: Medium, media_id: str, *, said: str) -> None:
        self._keep(medium, media_id, until=-MARGIN, said=said)

    def _send(self, path: str, form: Mapping[str, Any]) -> dict[str, Any]:
        """Post a form with a file in it."""
        body, content_type = encode_multipart_formdata(form)
        return self._ask("POST", path, data=Upload(body), headers={"Content-Type": content_type}, within=UPLOAD_WITHIN)

    def _ask(self, method: str, path: str, *, within: float | None = None, **body: Any) -> dict[str, Any]:
        """The `data` of X's answer. Tweepy has no media calls of API v2."""
        credentials = self.account.credentials
        try:
            with Session(Bearer(credentials["access_token"]), within=within) as session:
                answer = answers.problem_of(session.request(method, path, **body)).get("data")
        except Refused as error:
            raise media_answers.upload_refused(
                error.response, scope=credentials.get("scope", ""), now=timezone.now()
            ) from error
        except requests.RequestException as error:
            raise answers.read_unanswered(error) from error
        return answer if isinstance(answer, dict) else {}


def form_of(medium: Medium) -> str:
    """X keeps the description with the upload, so another description is another upload."""
    return f"described {hashlib.sha256(medium.alt_text.encode()).hexdigest()[:16]}" if medium.alt_text else "plain"


def _lasts(told: Mapping[str, Any]) -> timedelta:
    """How long X keeps an upload; a day unless it says less."""
    seconds = told.get("expires_after_secs")
    day = timedelta(days=1)
    return min(timedelta(seconds=seconds), day) if isinstance(seconds, int) and seconds > 0 else day


def _size(count: int) -> str:
    return f"{count / 1024**2:.1f} MB" if count >= 100_000 else f"{count / 1024:.0f} kB"
