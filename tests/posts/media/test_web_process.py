"""Large files and the real web process: what it takes of memory, what a client that leaves leaves behind."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from posts.media.types import MIB
from posts.models import Media
from tests import builders

from .conftest import left
from .sending import MULTIPART
from .web import WebProcess, film

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


#: How large the large video is: `UPLOAD_MIB=1023 pytest … -k memory -s` tells what the largest takes.
LARGE = int(os.environ.get("UPLOAD_MIB", "200")) * MIB


@contextmanager
def started(folder: Path, logs: Path, **variables: str) -> Iterator[WebProcess]:
    environment = {**builders.environment(), "MEDIA_ROOT": str(folder / "media"), "UPLOADS_AT_ONCE": "3", **variables}
    with WebProcess(environment, builders.api_key(builders.workspace()), logs) as web:
        yield web


@pytest.fixture
def web(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    with started(folder, tmp_path_factory.mktemp("log")) as web:
        yield web


def soon(true: Callable[[], object]) -> bool:
    give_up = time.monotonic() + 10
    while not true() and time.monotonic() < give_up:
        time.sleep(0.05)
    return bool(true())


def begun(web: WebProcess, size: int, sent: int) -> socket.socket:
    """An upload that has said how large it is, and has sent the beginning."""
    head, tail = film(size)
    line = socket.create_connection(("127.0.0.1", web.port))
    length = len(head) + size + len(tail)
    said = {**web.headers, "Host": "127.0.0.1", "Content-Type": MULTIPART, "Content-Length": str(length)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    line.sendall(f"POST /v1/media HTTP/1.1\r\n{lines}\r\n".encode() + head + bytes(sent))
    return line


@pytest.mark.parametrize("store", ["folder", "s3"])
def test_a_large_video_takes_little_of_its_memory(
    store: str, folder: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> None:
    variables: dict[str, str] = {}
    if store == "s3":
        s3 = request.getfixturevalue("s3")
        variables = s3.environment(s3.new_bucket())
    with started(folder, tmp_path_factory.mktemp("log"), **variables) as web:
        web.upload(MIB)
        web.begin_peak()
        before, began = web.memory(), time.monotonic()

        media = web.upload(LARGE)

        took, rise = time.monotonic() - began, web.peak() - before
        sys.stdout.write(f"{store}: {LARGE // MIB} MiB in {took:.1f} s; the web process rose by {rise / MIB:.1f} MiB\n")
        assert media["file_size"] > LARGE
        assert rise < 64 * MIB

        web.begin_peak()
        got = requests.get(media["file_url"], headers={"Range": "bytes=1000000-"}, timeout=60, stream=True)
        assert sum(len(piece) for piece in got.iter_content(MIB)) == media["file_size"] - 1_000_000
        assert web.peak() - before < 64 * MIB


def test_a_client_that_leaves_in_the_middle_leaves_nothing(web: WebProcess, folder: Path) -> None:
    line = begun(web, 50 * MIB, MIB)
    assert soon(lambda: left(folder))

    line.close()

    assert soon(lambda: not left(folder))
    assert not Media.objects.exists()
    assert web.upload(MIB)["file_type"] == "video/mp4"


def test_a_client_that_falls_silent_is_taken_to_have_left(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with started(folder, tmp_path_factory.mktemp("log"), WEB_SILENCE="1") as web:
        line = begun(web, 50 * MIB, MIB)

        assert soon(lambda: left(folder))
        line.settimeout(10)
        said = b""
        while b"upload_broken_off" not in said and (came := line.recv(65536)):
            said += came

        assert said.startswith(b"HTTP/1.1 400 Bad Request")
        assert b"upload_broken_off" in said
        assert left(folder) == []
        line.close()


def test_a_client_that_drips_is_not_waited_for(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with started(folder, tmp_path_factory.mktemp("log"), WEB_SILENCE="2") as web:
        line, began = begun(web, 50 * MIB, 100), time.monotonic()
        line.settimeout(0.2)
        said = b""
        while b"too_slow" not in said and time.monotonic() - began < 10:
            line.sendall(b"x")
            with suppress(TimeoutError):
                said += line.recv(65536)

        assert said.startswith(b"HTTP/1.1 400 Bad Request")
        assert b"50,000 bytes a second" in said
        assert left(folder) == []
        assert web.upload(MIB)["file_type"] == "video/mp4"
        line.close()


def test_slow_uploads_leave_room_for_everybody_else(web: WebProcess) -> None:
    slow = [begun(web, 50 * MIB, 100) for _ in range(6)]
    # Half of three places are one; the others are answered at once, and their clients may come again.
    answers = []
    for line in slow:
        line.settimeout(1)
        try:
            answers.append(line.recv(65536).split(b"\r\n")[0])
        except TimeoutError:
            answers.append(b"")

    assert sorted(answers) == [b"", *[b"HTTP/1.1 429 Too Many Requests"] * 5]
    web.headers = {"Authorization": f"Bearer {builders.api_key(builders.workspace())}"}
    assert web.upload(MIB)["file_type"] == "video/mp4"
    began = time.monotonic()
    assert requests.get(f"{web.url}/v1/posts", headers=web.headers, timeout=30).status_code == 200
    assert time.monotonic() - began < 8
    for line in slow:
        line.close()
