"""The web process under clients that stall: it answers everybody else meanwhile."""

import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests

from openpost.web.worker import HEAD_WITHIN, LEAVE_WITHIN
from tests import builders
from tests.posts.media.web import MIB, WebProcess

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

#: Seconds, for a machine that is busy with other tests: nobody who is waited for is given up so early.
SOON = min(HEAD_WITHIN, LEAVE_WITHIN) * 0.8
STALLED_HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: "


@pytest.fixture(scope="module")
def process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    with WebProcess(builders.environment(), "", tmp_path_factory.mktemp("log")) as web:
        yield web


@pytest.fixture
def web(process: WebProcess) -> WebProcess:
    process.headers = {"Authorization": f"Bearer {builders.api_key(builders.workspace())}"}
    return process


def connected(web: WebProcess, data: bytes = b"") -> socket.socket:
    line = socket.create_connection(("127.0.0.1", web.port), timeout=HEAD_WITHIN + 10)
    line.sendall(data)
    return line


@contextmanager
def crowd(web: WebProcess, data: bytes, number: int = 12) -> Iterator[list[socket.socket]]:
    """So many clients who send this much and no more: half as many again as there are threads."""
    with ExitStack() as open_lines:
        yield [open_lines.enter_context(connected(web, data)) for _ in range(number)]


def answered(line: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    said = b""
    while came := line.recv(65536):
        said += came
    return said


def seconds_to_answer(web: WebProcess) -> float:
    began = time.monotonic()
    assert requests.get(f"{web.url}/v1/posts", headers=web.headers, timeout=30).status_code == 200
    return time.monotonic() - began


def post(web: WebProcess, path: str, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def test_heads_that_do_not_end_hold_no_thread(web: WebProcess) -> None:
    with crowd(web, STALLED_HEAD) as lines:
        assert seconds_to_answer(web) < SOON

        status, _, rest = answered(lines[0]).partition(b"\r\n")

        assert status == b"HTTP/1.1 408 Request Timeout"
        head, _, body = rest.partition(b"\r\n\r\n")
        said = json.loads(body)
        assert said["code"] == "request_timeout"
        assert f"X-Request-Id: {said['request_id']}".encode() in head


def test_silent_connections_hold_no_thread_and_are_ended(web: WebProcess) -> None:
    with crowd(web, b"", number=50) as lines:
        assert seconds_to_answer(web) < SOON
        assert answered(lines[0]) == b""


@pytest.mark.parametrize("path", ["/admin/login/", "/v1/posts"])
def test_bodies_that_stall_hold_no_thread(web: WebProcess, path: str) -> None:
    token = "a" * 32
    headers = [
        f"Authorization: {web.headers['Authorization']}",
        f"Cookie: csrftoken={token}",
        "Content-Type: application/x-www-form-urlencoded" if path.startswith("/admin") else "Content-Type: text/json",
        "Content-Length: 1000",
    ]
    with crowd(web, post(web, path, *headers) + b"a"):
        assert seconds_to_answer(web) < SOON


def test_large_bodies_leave_threads_to_others(web: WebProcess) -> None:
    """Even those that an address would wait for: with a form of files, on the page that anybody may see."""
    headers = [
        f"Cookie: csrftoken={'a' * 32}",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {100 * MIB}",
    ]
    with crowd(web, post(web, "/admin/login/", *headers) + b"--b\r\n") as lines:
        assert seconds_to_answer(web) < SOON
        # Nor does anybody wait for the file of somebody who is not signed in.
        assert b" 503 " not in answered(lines[0]).partition(b"\r\n")[0]


def test_clients_that_do_not_leave_keep_nobody_waiting(web: WebProcess) -> None:
    with crowd(web, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
        assert seconds_to_answer(web) < SOON


def test_who_sends_a_large_body_without_a_key_is_told_so_at_once(web: WebProcess) -> None:
    with connected(web, post(web, "/v1/media", f"Content-Length: {100 * MIB}")) as line:
        began = time.monotonic()

        assert line.recv(65536).startswith(b"HTTP/1.1 401 ")
        assert answered(line) is not None
        assert time.monotonic() - began < SOON


def test_a_request_may_come_in_drops_and_two_at_once(web: WebProcess) -> None:
    body = json.dumps({"content": "Drop by drop", "platforms": ["twitter"]}).encode()
    headers = [f"Authorization: {web.headers['Authorization']}", "Content-Type: application/json"]
    first = post(web, "/v1/posts", *headers, f"Content-Length: {len(body)}") + body
    second = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with connected(web) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for drop in first:
            line.sendall(bytes([drop]))
        line.sendall(second)

        said = answered(line)

    assert said.startswith(b"HTTP/1.1 201 ")
    assert b"HTTP/1.1 200 OK" in said


def test_who_waits_for_a_word_before_the_body_gets_it(web: WebProcess) -> None:
    body = json.dumps({"content": "May I?", "platforms": ["twitter"]}).encode()
    headers = [f"Authorization: {web.headers['Authorization']}", "Content-Type: application/json", "Connection: close"]
    with connected(
        web, post(web, "/v1/posts", *headers, f"Content-Length: {len(body)}", "Expect: 100-continue")
    ) as line:
        assert line.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(body)

        assert b"HTTP/1.1 201 " in answered(line)


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414 ", "uri_too_long"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 9000 + b"\r\n\r\n", b"431 ", "headers_too_large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 70000, b"431 ", "headers_too_large"),
        (b"nonsense\r\n\r\n", b"400 ", "bad_request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"400 ", "bad_request"),
    ],
    ids=["address", "header", "headers", "line", "length"],
)
def test_what_is_no_request_is_answered_in_the_one_shape(
    web: WebProcess, request_: bytes, status: bytes, code: str
) -> None:
    with connected(web, request_) as line:
        head, _, body = answered(line).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 " + status)
    assert json.loads(body)["code"] == code
