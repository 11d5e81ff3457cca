"""Addresses that somebody gave us: what is fetched, and all the ways in which a server can try to hurt the fetcher."""

import gzip
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from openpost.fetching import MOST_REDIRECTS, Answer, Unfetchable, fetch
from tests.openpost.web import Web, answer, certificate, endless, redirect

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def web(settings: Settings) -> Iterator[Web]:
    settings.FETCH_FROM_LOOPBACK = True
    with Web() as web:
        yield web


def get(url: str, *, most_bytes: int = 1000, within: float = 5, schemes: tuple[str, ...] = ("http", "https")) -> Answer:
    """The answer; what it holds is read and thrown away, so that what is wrong with it shows."""
    with fetch(url, most_bytes=most_bytes, within=within, schemes=schemes) as found:
        found.read()
    return found


def refused(url: str, **bounds: Any) -> str:
    with pytest.raises(Unfetchable) as caught:
        get(url, **bounds)
    assert caught.value.sentence.endswith(".")
    return caught.value.code


def test_it_gives_what_is_there(web: Web) -> None:
    web.at["/"] = answer(b"Hello", Content_Type="Text/HTML; charset=utf-8")

    with fetch(f"{web.url}/", most_bytes=5, within=5, schemes=("http",)) as found:
        assert found.read() == b"Hello"

    assert (found.status, found.content_type, found.url) == (200, "text/html", f"{web.url}/")


def test_it_gives_a_body_of_any_transfer(web: Web) -> None:
    chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nHel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"
    web.at["/chunked"] = lambda line: line.sendall(chunked)
    web.at["/until-the-end"] = answer(b"Hello", Content_Length=...)

    for path in ("/chunked", "/until-the-end"):
        with fetch(web.url + path, most_bytes=5, within=5, schemes=("http",)) as found:
            assert found.read() == b"Hello"


def test_it_gives_an_error_page_as_an_answer(web: Web) -> None:
    assert get(f"{web.url}/missing").status == 404


def test_it_sends_nothing_of_ours(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    web.at["/"] = answer(status=302, Location="/next", Set_Cookie="a=b")

    get(f"{web.url}/")

    assert [head.split("\r\n")[0] for head in web.seen] == ["GET / HTTP/1.1", "GET /next HTTP/1.1"]
    for head in web.seen:
        assert "authorization:" not in head.lower()
        assert "cookie:" not in head.lower()
        assert "accept-encoding: identity" in head.lower()


def test_it_goes_past_no_proxy(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert get(f"{web.url}/").status == 404


# Addresses ----------------------------------------------------------------------------------------------------------

NOT_PUBLIC = [
    "127.0.0.1", "127.1", "127.0.0.53", "0.0.0.0", "0", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1",
    "017700000001", "localhost", "LOCALHOST", "127。0。0。1", "①②⑦.⓪.⓪.①", "10.0.0.1", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]",
    "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::8.8.8.8]",
    "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:808:808::]", "[2001::1]", "[2001:db8::1]", "[2001:10::1]",
    "[2001:20::1]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]", "[ff02::1]",
    "[100::1]", "[3fff::1]", "[5f00::1]", "[4000::1]",
]  # fmt: skip


@pytest.mark.parametrize("host", NOT_PUBLIC)
def test_it_refuses_an_address_that_is_not_public(host: str) -> None:
    assert refused(f"https://{host}/") in ("address_not_public", "invalid_address")


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "[fe80::1]",
    ],
)
def test_it_refuses_a_redirect_to_an_address_that_is_not_public(web: Web, host: str) -> None:
    web.at["/"] = redirect(f"http://{host}/")

    assert refused(f"{web.url}/") == "address_not_public"


def test_it_refuses_every_hop_to_this_machine_in_production(web: Web, settings: Settings) -> None:
    settings.FETCH_FROM_LOOPBACK = False

    assert refused(f"{web.url}/") == "address_not_public"
    assert web.seen == []


def test_it_is_not_let_loose_on_this_machine_by_an_environment_of_production() -> None:
    production = {
        "PATH": os.environ["PATH"], "DEBUG": "0", "SECRET_KEY": "0123456789" * 5, "ALLOWED_HOSTS": "*",
        "CREDENTIAL_KEYS": "x", "DATABASE_URL": "postgres://127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1",
        "FETCH_FROM_LOOPBACK": "1",
    }  # fmt: skip

    ended = subprocess.run(
        [sys.executable, "-c", "import openpost.settings"], env=production, capture_output=True, text=True
    )

    assert ended.returncode == 1
    assert "FETCH_FROM_LOOPBACK is for tests" in ended.stderr


def test_it_looks_a_name_up_once_and_connects_to_what_it_looked_at(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = socket.getaddrinfo, []

    def rebinding(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        if host == "rebinding.example":
            # Harmless at first; who asks again is sent to the cloud's secrets.
            host = "127.0.0.1" if asked.count("rebinding.example") == 1 else "169.254.169.254"
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)

    assert get(f"http://rebinding.example:{web.port}/").status == 404
    assert asked.count("rebinding.example") == 1
    assert f"Host: rebinding.example:{web.port}" in web.seen[0]
    assert refused(f"http://rebinding.example:{web.port}/") == "address_not_public"


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "//example.com/", "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "https://",
        "https:///x", "https://[::1", "https://example.com:x/", "https://example.com:0/", "https://example.com:99999/",
        "gopher://127.0.0.1:6379/_FLUSHALL", "data:text/plain,x", "https://me:secret@example.com/", "https://@x.com/",
        "javascript:alert(1)", "https://exa mple.com/", "https://.example.com/", "https://a..b/", "https://" + "a" * 64,
        "https://\ud800.example/", "https:\\\\example.com",
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_address_on_the_web(url: str) -> None:
    assert refused(url, schemes=("https",)) == "invalid_address"


def test_it_refuses_a_redirect_to_another_scheme(web: Web) -> None:
    for place in ("file:///etc/passwd", "ftp://127.0.0.1/", "https://127.0.0.1/", "http://me@127.0.0.1/"):
        web.at["/"] = redirect(place)
        assert refused(f"{web.url}/", schemes=("http",)) == "invalid_address"


def test_it_follows_few_redirects(web: Web) -> None:
    for number in range(9):
        web.at[f"/{number}"] = redirect(f"/{number + 1}", status=(301, 302, 303, 307, 308)[number % 5])

    assert get(f"{web.url}/{9 - MOST_REDIRECTS}").url == f"{web.url}/9"
    assert refused(f"{web.url}/{8 - MOST_REDIRECTS}") == "too_many_redirects"
    web.at["/round"] = redirect("/round")
    assert refused(f"{web.url}/round") == "too_many_redirects"


# Certificates -------------------------------------------------------------------------------------------------------


def test_it_believes_a_certificate_for_the_name_only(settings: Settings, tmp_path: Path) -> None:
    settings.FETCH_FROM_LOOPBACK = True
    with Web(certificate(tmp_path, "right.localhost")) as web:
        assert refused(f"{web.url}/") == "unreachable"

        settings.FETCH_CA_BUNDLE = str(tmp_path / "certificate.pem")
        assert get(f"{web.url}/").status == 404


def test_it_checks_the_certificate_by_name_although_it_connects_by_address(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FETCH_FROM_LOOPBACK = True
    settings.FETCH_CA_BUNDLE = str(certificate(tmp_path, "right.example"))
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **kwargs: real("127.0.0.1", *args, **kwargs))

    with Web(tmp_path / "certificate.pem") as web:
        assert get(f"https://right.example:{web.port}/").status == 404
        assert refused(f"https://wrong.example:{web.port}/") == "unreachable"


# Time ---------------------------------------------------------------------------------------------------------------

DRIPS = {
    "head": endless(OK, b"X", every=0.05),
    "heads": endless(OK, b"X: y\r\n", every=0.2),
    "continue": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", every=0.05),
    "body": endless(OK + b"Content-Length: 900\r\n\r\n", b"X", every=0.05),
    "body without an end": endless(OK + b"\r\n", b"X", every=0.05),
    "chunk": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nX\r\n", every=0.05),
    "size of a chunk": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0", every=0.05),
    "trailer": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n", every=0.05),
    "silence": lambda line: line.recv(1),
    "redirects": endless(b"HTTP/1.1 302 So\r\nLocation: /\r\n", b"X", every=0.05),
}


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("drip", DRIPS)
def test_it_ends_in_time_however_slowly_it_drips(drip: str, tls: bool, settings: Settings, tmp_path: Path) -> None:
    settings.FETCH_FROM_LOOPBACK = True
    if tls:
        settings.FETCH_CA_BUNDLE = str(certificate(tmp_path))
    with Web(tmp_path / "certificate.pem" if tls else None) as web:
        web.at["/"] = DRIPS[drip]
        began = time.monotonic()

        assert refused(f"{web.url}/", within=0.5) == "too_slow"

        assert time.monotonic() - began < 10


def test_it_ends_in_time_when_a_name_is_looked_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(3))

    assert refused("https://slow.example/", within=0.2) == "too_slow"


def test_it_ends_in_time_when_nobody_speaks_tls(settings: Settings) -> None:
    settings.FETCH_FROM_LOOPBACK = True
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert refused(f"https://127.0.0.1:{listener.getsockname()[1]}/", within=0.3) == "too_slow"


def test_it_says_when_nobody_is_there(settings: Settings) -> None:
    settings.FETCH_FROM_LOOPBACK = True

    assert refused("http://127.0.0.1:1/") == "unreachable"
    assert refused("https://no-such-name.invalid/") == "unreachable"


# Size ---------------------------------------------------------------------------------------------------------------


def test_it_refuses_more_bytes_than_wanted_whatever_it_says_of_them(web: Web) -> None:
    web.at["/says"] = answer(b"x", length=1001)
    web.at["/lies"] = endless(OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nX\r\n")
    web.at["/says nothing"] = answer(b"x" * 1001, Content_Length=...)
    web.at["/fits"] = answer(b"x" * 1000)

    for path in ("/says", "/lies", "/says%20nothing"):
        web.at[path] = web.at.get(path) or web.at["/says nothing"]
        assert refused(web.url + path) == "too_large"
    assert get(f"{web.url}/fits").status == 200


def test_it_takes_less_than_was_said_for_broken_off(web: Web) -> None:
    web.at["/"] = answer(b"x", length=900)
    web.at["/chunked"] = lambda line: line.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nX")

    assert refused(f"{web.url}/") == "unreachable"
    assert refused(f"{web.url}/chunked") == "unreachable"


@pytest.mark.parametrize("packing", ["gzip", "GZIP", "deflate", "br", "identity, gzip", "zstd", "x"])
def test_it_refuses_what_comes_packed(web: Web, packing: str) -> None:
    web.at["/"] = answer(gzip.compress(b"x" * 10_000_000)[:900], Content_Encoding=packing)

    assert refused(f"{web.url}/") == "packed"


MIB = b"x" * 1024 * 1024
FLOODS = {
    "body": OK + b"\r\n",
    "head": OK,
    "line of a chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n",
    "one chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nfffffffffff\r\n",
    "body of a redirect": b"HTTP/1.1 302 So\r\nLocation: /next\r\n\r\n",
    "packed body of a redirect": b"HTTP/1.1 302 So\r\nLocation: /next\r\nContent-Encoding: gzip\r\n\r\n",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_it_holds_little_of_an_endless_answer(web: Web, flood: str) -> None:
    web.at["/"] = endless(FLOODS[flood], MIB)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with suppress(Unfetchable):
        get(f"{web.url}/", within=1)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 24 * 1024


@pytest.mark.parametrize("nonsense", [b"", b"x", b"\0" * 900, b"HTTP/9.9 abc\r\n\r\n", b"220 FTP\r\n"])
def test_it_says_when_what_answers_is_no_web_server(web: Web, nonsense: bytes) -> None:
    web.at["/"] = lambda line: line.sendall(nonsense)

    assert refused(f"{web.url}/") == "unreachable"
