"""One call to a Bluesky server, over the library's lower layer. It adds what that leaves open:

timeouts on every call, no redirects (they would carry a password or a token to another host), and one `Failed` for
everything that goes wrong, which tells whether the request can have reached the server.
"""

import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import httpx
from atproto_client.client.base import ClientBase
from atproto_client.exceptions import RateLimitExceededError, RequestErrorBase
from atproto_client.models.base import ParamsModelBase
from atproto_client.models.dot_dict import DotDict
from atproto_client.request import Request
from atproto_core.exceptions import AtProtocolError

from .bounded import Bounds, bound

# Seconds: to connect, until the next bytes of an answer, and (bounded.py) until it is complete. And its most bytes.
TIMEOUT = httpx.Timeout(30, connect=5)
COMPLETE = 45.0
# A file's answer may take longer, and the whole longer by what a slow line needs: bytes a second.
UPLOAD_TIMEOUT = httpx.Timeout(120, connect=5)
SLOWEST = 500_000
# Bytes of a file that are held in memory.
PIECE = 256 * 1024
ANSWER_SIZE = 4 * 1024 * 1024
# Enough of an answer to understand it, little enough to keep with every attempt. Characters.
RAW_LIMIT = 2000
# The longest window of any rate limit is a day; more would be a broken header.
# https://docs.bsky.app/docs/advanced-guides/rate-limits
LONGEST_WAIT = timedelta(days=1)

# Raised before the first byte of the request has left.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer other than success. `error` and `message` are empty if it was not in the server's own words."""

    status: int
    error: str
    message: str
    raw: str
    retry_after: timedelta | None
    #: All that it said, if that was JSON.
    content: Mapping[str, Any]


class Failed(Exception):
    """A call that did not succeed: `answer` if one came; `unsent` if the request surely did not reach the server."""

    def __init__(self, *, host: str, detail: str, answer: Answer | None = None, unsent: bool = False) -> None:
        super().__init__(detail)
        self.host = host
        self.detail = detail
        self.answer = answer
        self.unsent = unsent

    @property
    def error(self) -> str:
        """The server's name for what went wrong, such as `InvalidSwap`; "" without one."""
        return self.answer.error if self.answer else ""


def bounds(seconds: float = COMPLETE) -> Bounds:
    """What one call may take in all, or several that share it."""
    return Bounds(seconds=seconds, size=ANSWER_SIZE)


def query(
    base_url: str, nsid: str, params: ParamsModelBase | None = None, *, token: str = "", within: Bounds | None = None
) -> dict[str, Any]:
    """This will read something, without credentials if anybody may read it. Raises Failed."""
    return _call(
        base_url, lambda client: client.invoke_query(nsid, params=params, headers=_bearer(token)), TIMEOUT, within
    )


def procedure(
    base_url: str,
    nsid: str,
    body: Mapping[str, Any] | None = None,
    *,
    token: str = "",
    timeout: httpx.Timeout | None = None,
    within: Bounds | None = None,
) -> dict[str, Any]:
    """This will send `body` as it stands, nulls included: the library's models drop them. Raises Failed.

    `timeout` and `within` are for calls that must be over sooner than the others, with their TIMEOUT and COMPLETE.
    """
    headers = _bearer(token)
    content = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        content = body_of(body)
    return _call(
        base_url,
        lambda client: client.invoke_procedure(nsid, content=content, headers=headers),
        timeout or TIMEOUT,
        within,
    )


def body_of(call: Mapping[str, Any]) -> bytes:
    """The bytes that go over the wire."""
    return json.dumps(call, ensure_ascii=False, separators=(",", ":")).encode()


def upload(
    base_url: str,
    nsid: str,
    file: BinaryIO,
    *,
    size: int,
    mime_type: str,
    token: str,
) -> dict[str, Any]:
    """This will send a file piece by piece. Raises Failed, and whatever reading the file raises."""
    headers = {**_bearer(token), "Content-Type": mime_type, "Content-Length": str(size)}
    pieces = iter(partial(file.read, PIECE), b"")
    return _call(
        base_url,
        lambda client: client.invoke_procedure(nsid, content=pieces, headers=headers),
        UPLOAD_TIMEOUT,
        bounds(COMPLETE + size / SLOWEST),
    )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _call(
    base_url: str, send: Callable[[ClientBase], Any], timeout: httpx.Timeout, within: Bounds | None
) -> dict[str, Any]:
    host = urlsplit(base_url).hostname or base_url
    # A connection per call: one kept open may be dead by the next, and that would look like a lost answer.
    with closing(Request(timeout=timeout, verify=_tls(), max_redirects=0)) as request:
        bound(request._client, within or bounds())
        try:
            response = send(ClientBase(base_url, request))
        except RequestErrorBase as error:
            if error.response is not None:
                answer = _answer(error)
                raise Failed(host=host, detail=f"{answer.status} {answer.raw}", answer=answer) from error
            raise _broken(host, error.__cause__ or error) from error
        except httpx.TooManyRedirects as error:
            raise Failed(host=host, detail="The server redirects to another address.", unsent=True) from error
        except (httpx.HTTPError, httpx.InvalidURL, AtProtocolError) as error:
            # The library raises the last for an error's body of a shape it does not know; the answer is lost with it.
            raise _broken(host, error) from error
        except ValueError as error:
            raise Failed(host=host, detail=f"The answer was not JSON: {error}") from error
    if not isinstance(response.content, dict):
        raise Failed(host=host, detail=f"{response.status_code} {str(response.content)[:RAW_LIMIT]}")
    return response.content


def _broken(host: str, error: BaseException) -> Failed:
    return Failed(host=host, detail=f"{type(error).__name__}: {error}", unsent=isinstance(error, _UNSENT))


def _answer(error: RequestErrorBase) -> Answer:
    content = error.response.content
    said: dict[str, Any] = {}
    if isinstance(content, bytes):
        raw, name, message = content.decode(errors="replace"), "", ""
    else:
        name, message = str(getattr(content, "error", "") or ""), str(getattr(content, "message", "") or "")
        raw = f"{name}: {message}" if name else str(content)
        said = content.to_dict() if isinstance(content, DotDict) else {"error": name, "message": message}
    return Answer(error.response.status_code, name, message, raw[:RAW_LIMIT], _retry_after(error), said)


def _retry_after(error: RequestErrorBase) -> timedelta | None:
    """The server's own word on when to come back: `retry-after`, else the end of the limit's window."""
    if not isinstance(error, RateLimitExceededError):
        return None
    try:
        if error.retry_after is not None:
            seconds = error.retry_after
        elif error.reset_at is not None:
            seconds = (error.reset_at - datetime.now(UTC)).total_seconds()
        else:
            return None
    except (OverflowError, OSError, ValueError):
        return None  # a time beyond the calendar
    return timedelta(seconds=min(max(seconds, 1), LONGEST_WAIT.total_seconds()))


@cache
def _tls() -> ssl.SSLContext:
    """One context per process: reading the certificates anew for each call would take longer than many calls."""
    return httpx.create_ssl_context()
