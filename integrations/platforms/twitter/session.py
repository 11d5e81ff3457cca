"""The HTTP session under tweepy and under our sign-in: what tweepy leaves out.

Tweepy 4.17 waits for ever, follows redirects, writes the address of api.twitter.com into every call, and logs its
headers, token included, at DEBUG. So the token is never given to it: this session puts it on as the last step.

A session serves one call. A kept connection may be closed by X at the moment we send, which would look like a lost
answer, and X's cookies would pass from one account to the next.
"""

import io
import os
import ssl
import time
from functools import cache
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import HTTPError

from .. import answers
from .config import config

#: Seconds until a connection stands, and until the next byte of an answer. The adapter never retries.
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 20.0
#: Seconds until an answer is complete, however slowly it drips, and its most bytes.
ANSWER_DEADLINE = 25.0
ANSWER_SIZE = 4 * 1024 * 1024
#: Seconds until a piece of a file is sent: 4 MB at 35 kB a second. Then comes the time for the answer.
UPLOAD_WITHIN = 120.0

_TWEEPY_HOST = "https://api.twitter.com"


class Refused(Exception):
    """X answered with anything but 2xx. `response` is complete."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(f"X answered {response.status_code}")
        self.response = response


class Bearer(AuthBase):
    """This will speak for one account."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Nobody(AuthBase):
    """This will speak for no one; without it requests would look for a password in ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def app_auth(*, client_id: str, client_secret: str) -> AuthBase:
    """This will speak for our app at the token endpoint: with its secret, or as a public client without."""
    return HTTPBasicAuth(client_id, client_secret) if client_secret else Nobody()


class Upload(io.BytesIO):
    """The body of a request that carries a file: sent bit by bit, each within CONNECT_TIMEOUT, all within a deadline.

    Bytes that are given at once must be sent within CONNECT_TIMEOUT as a whole, which is too short for millions.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._deadline = time.monotonic() + UPLOAD_WITHIN

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self._deadline:
            raise TimeoutError("The file could not be sent in time.")
        return super().read(size)


@cache
def _tls() -> ssl.SSLContext:
    """One context per process: reading the certificates anew for each call would take ten times as long as the call."""
    own = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    return ssl.create_default_context(cafile=own or DEFAULT_CA_BUNDLE_PATH)


class _Adapter(HTTPAdapter):
    """Connections that trust what `_tls` does."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=_tls())

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, **kwargs, ssl_context=_tls())

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


class Session(requests.Session):
    """One call to X, with our address, timeouts and identity. Raises `Refused` or a `requests.RequestException`.

    `within`: seconds until the answer is complete, for a call that must be over sooner than others. One that drips
    can outlast it by half.
    """

    def __init__(self, auth: AuthBase, *, within: float | None = None) -> None:
        super().__init__()
        self.mount("https://", _Adapter())
        self.auth = auth
        self._within = within

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        request.url = config().api_url + str(request.url).removeprefix(_TWEEPY_HOST)
        return super().prepare_request(request)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        within, next_byte = self._within or ANSWER_DEADLINE, READ_TIMEOUT
        if self._within:
            next_byte = min(next_byte, within / 2)
        kwargs |= {"timeout": (CONNECT_TIMEOUT, next_byte), "allow_redirects": False, "stream": True}
        kwargs["verify"] = True  # by `_tls`
        deadline = time.monotonic() + within
        response = super().send(request, **kwargs)
        headers = response.headers
        answers.seen(
            "twitter",
            response.status_code,
            left=headers.get("x-rate-limit-remaining"),
            of=headers.get("x-rate-limit-limit"),
        )
        _read(response, deadline)
        if not 200 <= response.status_code < 300:
            raise Refused(response)
        return response


def _read(response: requests.Response, deadline: float) -> None:
    """Read the body piece by piece: requests itself waits as long as a byte comes before each timeout."""
    body = bytearray()
    try:
        while piece := response.raw.read1(65536, decode_content=True):
            body += piece
            if len(body) > ANSWER_SIZE or time.monotonic() > deadline:
                raise requests.ReadTimeout("The answer did not come to an end.")
    except HTTPError as error:
        raise requests.ConnectionError(error) from error
    finally:
        response.close()
    # Where requests keeps a body that was read at once; there is no public way to put it there.
    response._content = bytes(body)
    response._content_consumed = True  # type: ignore[attr-defined]
