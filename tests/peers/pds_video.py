"""A double of Bluesky's video service, which no registry holds.

It refuses what the service's lexicons do not allow, and puts a finished video on the account's own server as the
service does: with the token it was given for that.

https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky/video
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

TYPES = {"video/mp4", "video/mpeg", "video/webm", "video/quicktime", "image/gif"}
#: What every finished video begins with, so that a server sees that it is one.
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"


@dataclass(slots=True)
class Job:
    """One file that is made ready. `left`: questions until it is."""

    did: str
    token: str
    content: bytes
    left: int
    blob: dict[str, Any] | None = None
    failure: dict[str, Any] | None = None


@dataclass(slots=True)
class VideoService:
    """The running double. What it shall do can be said before, what it was sent be looked at after."""

    base_url: str
    pds_url: str
    #: Questions after which a video is ready.
    questions: int = 0
    limits: dict[str, Any] = field(
        default_factory=lambda: {"canUpload": True, "remainingDailyVideos": 25, "remainingDailyBytes": 10**10}
    )
    #: What the next job says when it has failed: `failureCode`, `message`.
    failure: dict[str, Any] | None = None
    #: Answers that are given instead of the right one, each once.
    instead: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)
    #: The files that came, in turn: content type and number of bytes.
    uploads: list[tuple[str, int]] = field(default_factory=list)

    @property
    def did(self) -> str:
        return f"did:web:{urlsplit(self.base_url).hostname}"


class Refused(Exception):
    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.body = status, {"error": error, "message": message}


@contextmanager
def video_service(pds_url: str) -> Iterator[VideoService]:
    """This will serve the double on a free port of loopback, for accounts of the server at `pds_url`."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            parts = urlsplit(self.path)
            params = {name: values[0] for name, values in parse_qs(parts.query).items()}
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                status, body = _answer(service, self, parts.path.removeprefix("/xrpc/"), params, content)
            except Refused as refused:
                status, body = refused.status, refused.body
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = answer  # noqa: N815  # the library's names
        do_POST = answer  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service = VideoService(f"http://localhost:{server.server_port}", pds_url)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()


def _answer(
    service: VideoService, request: BaseHTTPRequestHandler, call: str, params: dict[str, str], content: bytes
) -> tuple[int, dict[str, Any]]:
    if service.instead:
        return service.instead.pop(0)
    match request.command, call:
        case "GET", "app.bsky.video.getUploadLimits":
            _permitted(request, aud=service.did, lxm=call)
            return 200, service.limits
        case "POST", "app.bsky.video.uploadVideo":
            return _upload(service, request, params, content)
        case "GET", "app.bsky.video.getJobStatus":
            return 200, {"jobStatus": _status(service, params)}
    raise Refused(501, "MethodNotImplemented", "Method Not Implemented")


def _upload(
    service: VideoService, request: BaseHTTPRequestHandler, params: dict[str, str], content: bytes
) -> tuple[int, dict[str, Any]]:
    host = urlsplit(service.pds_url).hostname
    token = _permitted(request, aud=f"did:web:{host}", lxm="com.atproto.repo.uploadBlob", iss=params.get("did", ""))
    kind = request.headers.get("Content-Type", "")
    if kind not in TYPES:
        raise Refused(400, "InvalidRequest", f"unsupported content type {kind}")
    if "." not in params.get("name", ""):
        raise Refused(400, "InvalidRequest", "a name with an ending is required")
    if not content:
        raise Refused(400, "InvalidRequest", "no content")
    service.uploads.append((kind, len(content)))
    name = hashlib.sha256(params["did"].encode() + content).hexdigest()[:20]
    said = {"jobId": name, "did": params["did"]}
    if (job := service.jobs.get(name)) and job.blob:
        # As the service has it: the job itself, not inside `jobStatus`.
        return 409, {
            **said,
            "state": "JOB_STATE_COMPLETED",
            "error": "already_exists",
            "message": "Video already processed",
        }
    service.jobs[name] = Job(params["did"], token, content, service.questions, failure=service.failure)
    service.failure = None
    return 200, {**said, "state": "JOB_STATE_CREATED"}


def _status(service: VideoService, params: dict[str, str]) -> dict[str, Any]:
    job = service.jobs.get(params.get("jobId", ""))
    if job is None:
        raise Refused(400, "InvalidRequest", "missing jobId")
    said = {"jobId": params["jobId"], "did": job.did}
    if job.left > 0:
        job.left -= 1
        return {**said, "state": "JOB_STATE_ENCODING", "progress": 50}
    if job.failure:
        return {**said, "state": "JOB_STATE_FAILED", **job.failure}
    job.blob = job.blob or _stored(service, job)
    return {**said, "state": "JOB_STATE_COMPLETED", "progress": 100, "blob": job.blob}


def _stored(service: VideoService, job: Job) -> dict[str, Any]:
    """The finished video on the account's own server, which looks at the token itself."""
    answer = httpx.post(
        f"{service.pds_url}/xrpc/com.atproto.repo.uploadBlob",
        content=MP4 + hashlib.sha256(job.content).digest(),
        headers={"Authorization": f"Bearer {job.token}", "Content-Type": "video/mp4"},
        trust_env=False,
    )
    assert answer.is_success, answer.text
    blob: dict[str, Any] = answer.json()["blob"]
    return blob


def _permitted(request: BaseHTTPRequestHandler, *, aud: str, lxm: str, iss: str = "") -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        claims = {}
    right = kind == "Bearer" and claims.get("aud") == aud and claims.get("lxm") == lxm
    if not right or claims.get("exp", 0) <= time.time() or (iss and claims.get("iss") != iss):
        raise Refused(401, "AuthenticationRequired", f"not for this: {claims}")
    return token
