"""Videos, which Bluesky's video service makes ready and puts on the account's own server, wherever that is.

It does so in the account's name: the server gives it a token for this one purpose. Where the service is not (the
setting BLUESKY_VIDEO_URL is empty, or it knows no such call) an MP4 goes to the server itself, as other clients do, and
the network makes it ready when the post is seen.
https://docs.bsky.app/docs/tutorials/video
https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky/video
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from atproto_client import models
from django.conf import settings

from ..base import Medium
from ..client import Account, Files
from ..errors import NotNow, PublishError, Rejected
from . import sorting
from .blobs import KEPT, megabytes, named, send
from .repository import server, token
from .xrpc import Failed, query, upload

#: How long a job is asked for before the file is sent anew.
JOB_KEPT = timedelta(hours=1)
#: Seconds between the questions of one try, and until the next. Bluesky's own app asks every 1.5 seconds.
PAUSES = (1, 1.5, 1.5, 3)
COME_BACK = timedelta(seconds=10)
#: Its limits are of a day.
COME_BACK_AFTER_LIMIT = timedelta(hours=1)
#: How long a token for an upload lives. A server gives none for more than an hour.
#: https://github.com/bluesky-social/atproto/blob/main/packages/pds/src/api/com/atproto/server/getServiceAuth.ts
TOKEN_LIVES = timedelta(minutes=30)
FAILED = "JOB_STATE_FAILED"
#: Why a job failed that would fail again. https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/video/defs.json
FINAL = ("validation_failure", "pds_upload_unsupported_blob_size")
#: https://github.com/bluesky-social/social-app/blob/main/src/lib/media/video/util.ts
ENDINGS = {"video/mp4": "mp4", "video/quicktime": "mov", "image/gif": "gif"}
_VIDEO = "video"
_MISSING = ("MethodNotImplemented", "XRPCNotSupported")


class _NotThere(Exception):
    """There is no video service at the address."""


def video(account: Account, medium: Medium, *, files: Files, now: datetime) -> Mapping[str, Any]:
    """What records call the video. Raises NotNow with `waiting` while it is being made ready."""
    held = files.kept(medium, form=_VIDEO)
    if held and "blob" in held:
        blob: Mapping[str, Any] = held["blob"]
        return blob
    if held is None and not settings.BLUESKY_VIDEO_URL:
        return _direct(account, medium, files=files, now=now)
    try:
        job = held["job"] if held else _begin(account, medium, files=files, now=now)
    except _NotThere:
        return _direct(account, medium, files=files, now=now)
    return _result(job, medium, files=files, now=now)


def _direct(account: Account, medium: Medium, *, files: Files, now: datetime) -> Mapping[str, Any]:
    if medium.type != "video/mp4":
        raise Rejected(
            f"Without Bluesky's video service only MP4 can be sent, not {medium.type}. "
            "Duplicate the post and give the copy an MP4.",
            code="media_refused",
        )
    with files.open(medium) as file:
        blob = send(account, file, size=medium.size, mime_type=medium.type)
    said = f"A video was uploaded to the account's own server ({megabytes(medium.size)})."
    files.keep(medium, {"blob": blob}, form=_VIDEO, until=now + KEPT, said=said)
    return blob


def _begin(account: Account, medium: Medium, *, files: Files, now: datetime) -> str:
    """This will send the file to the service and give the name of its job."""
    _require_allowed(account, now=now)
    aud = f"did:web:{urlsplit(server(account)).hostname}"
    permission = _permission(account, aud=aud, lxm="com.atproto.repo.uploadBlob", now=now)
    name = f"{medium.id}.{ENDINGS[medium.type]}"
    call = f"app.bsky.video.uploadVideo?{urlencode({'did': account.remote_id, 'name': name})}"
    with files.open(medium) as file:
        try:
            said = upload(
                settings.BLUESKY_VIDEO_URL, call, file, size=medium.size, mime_type=medium.type, token=permission
            )
        except Failed as failed:
            # A file that the service has seen before is refused, with the name of the job that made it ready.
            said = dict(failed.answer.content) if failed.answer else {}
            if not _job(said).get("jobId"):
                raise _refused(failed) from failed
    job = _job(said).get("jobId")
    if not job:
        raise NotNow("Bluesky's video service took the file without saying what becomes of it.", detail=str(said)[:500])
    told = f"A video was uploaded to Bluesky's video service ({megabytes(medium.size)}), which makes it ready."
    files.keep(medium, {"job": job}, form=_VIDEO, until=now + JOB_KEPT, ready=False, said=told)
    return str(job)


def _require_allowed(account: Account, *, now: datetime) -> None:
    """Raises what the service says of this account before the file is sent in vain."""
    call = "app.bsky.video.getUploadLimits"
    aud = f"did:web:{urlsplit(settings.BLUESKY_VIDEO_URL).hostname}"
    permission = _permission(account, aud=aud, lxm=call, now=now)
    try:
        limits = query(settings.BLUESKY_VIDEO_URL, call, token=permission)
    except Failed as failed:
        raise _refused(failed) from failed
    if not limits.get("canUpload"):
        raise _turned_away(limits, detail=str(limits))


def _permission(account: Account, *, aud: str, lxm: str, now: datetime) -> str:
    """A token with which one service may make one call in the account's name."""
    wanted = models.ComAtprotoServerGetServiceAuth.Params(aud=aud, lxm=lxm, exp=int((now + TOKEN_LIVES).timestamp()))
    try:
        answer = query(server(account), "com.atproto.server.getServiceAuth", wanted, token=token(account))
    except Failed as failed:
        raise sorting.harmless(failed) from failed
    if not answer.get("token"):
        raise NotNow("The account's server gave no permission for the video service.", detail=str(answer)[:500])
    return str(answer["token"])


def _result(job: str, medium: Medium, *, files: Files, now: datetime) -> Mapping[str, Any]:
    for pause in (*PAUSES, None):
        status = _status(job)
        # Also beside a failure, when the same video was made ready before.
        if status.get("blob"):
            blob = named(status["blob"])
            files.keep(medium, {"blob": blob}, form=_VIDEO, until=now + KEPT, said="Bluesky has made the video ready.")
            return blob
        if status.get("state") == FAILED:
            raise _failed(status, medium, files=files, now=now)
        if pause:
            time.sleep(pause)
    raise NotNow(
        "Bluesky is still making the video ready.", code="media_processing", retry_after=COME_BACK, waiting=True
    )


def _status(job: str) -> dict[str, Any]:
    wanted = models.AppBskyVideoGetJobStatus.Params(job_id=job)
    try:
        return _job(query(settings.BLUESKY_VIDEO_URL, "app.bsky.video.getJobStatus", wanted))
    except Failed as failed:
        if failed.answer and failed.answer.status == 400:
            return {"state": FAILED, "message": failed.answer.message or failed.answer.error}
        raise _not_now(failed) from failed


def _failed(status: Mapping[str, Any], medium: Medium, *, files: Files, now: datetime) -> PublishError:
    said = status.get("message") or status.get("error") or "it gave no reason"
    sentence = f"Bluesky could not make the video ready: {said}."
    if status.get("failureCode") in FINAL:
        return Rejected(
            f"{sentence} Duplicate the post and give the copy another video.", code="media_refused", detail=str(status)
        )
    files.keep(medium, {}, form=_VIDEO, until=now, ready=False, said=f"{sentence} It is uploaded once more.")
    return NotNow(sentence, code="platform_unavailable", detail=str(status))


def _refused(failed: Failed) -> PublishError | _NotThere:
    """What a refusal of the service means: it says nothing of the account's own session."""
    answer = failed.answer
    if answer and (answer.error in _MISSING or answer.status in (404, 501)):
        return _NotThere()
    if failed.unsent or answer is None or answer.status >= 500 or answer.status == 429:
        return _not_now(failed)
    return _turned_away(_job(answer.content), detail=failed.detail)


def _not_now(failed: Failed) -> NotNow:
    sentence = f"Bluesky's video service ({failed.host}) does not answer as it should; it is tried again."
    return NotNow(sentence, detail=failed.detail, retry_after=failed.answer.retry_after if failed.answer else None)


def _turned_away(said: Mapping[str, Any], *, detail: str) -> PublishError:
    """What the service's own words mean: a limit of today passes, all else does not."""
    words = str(said.get("message") or said.get("error") or "it gave no reason").rstrip(".")
    sentence = f"Bluesky's video service does not take this video: {words}."
    if "limit" in words.lower():
        return NotNow(sentence, code="rate_limited", detail=detail, retry_after=COME_BACK_AFTER_LIMIT)
    return Rejected(sentence, code="media_refused", detail=detail)


def _job(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The job of an answer: inside it as the lexicon says, or the answer itself as the service does.

    https://github.com/bluesky-social/atproto/issues/3097
    """
    inside = answer.get("jobStatus")
    return dict(inside) if isinstance(inside, Mapping) else dict(answer)
