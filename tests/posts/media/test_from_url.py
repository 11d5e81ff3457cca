"""POST /v1/media/from-url. What a hostile server can do is in tests/openpost/test_fetching.py."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from posts.media import actions, types
from posts.models import Media
from tests import builders
from tests.openpost.web import Web, answer, certificate, endless, redirect

from . import films, pictures
from .conftest import left
from .pictures import SECRET
from .sending import body, fetched

pytestmark = pytest.mark.django_db

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def web(settings: Settings, tmp_path: Path) -> Iterator[Web]:
    """A server whose certificate is believed; tests may go to loopback."""
    settings.FETCH_FROM_LOOPBACK = True
    (tmp_path / "tls").mkdir()
    path = certificate(tmp_path / "tls")
    settings.FETCH_CA_BUNDLE = str(path)
    with Web(path) as web:
        yield web
    path.unlink()


def fetch(url: str, **said: Any) -> Any:
    client = builders.client(builders.workspace())
    return client.post("/v1/media/from-url", json.dumps({"url": url, **said}))


def refused(url: str, status: int = 400) -> str:
    error = builders.error(fetch(url), status)
    assert error["field"] == "/url"
    assert not Media.objects.exists()
    code: str = error["code"]
    return code


def files(folder: Path) -> list[str]:
    return [name for name in left(folder) if name != "certificate.pem"]


def test_it_fetches_a_file_and_keeps_it_as_if_it_had_been_sent(web: Web, folder: Path) -> None:
    web.at["/a/Am%20Meer.png"] = answer(pictures.jpeg(6), Content_Type="text/html")
    web.at["/"] = redirect("/a/Am%20Meer.png?x=1")

    response = fetch(f"{web.url}/", alt_text="The sea", note="x")

    media = response.json()["media"]
    assert response.status_code == 201
    assert (media["name"], media["file_type"], media["alt_text"]) == ("Am Meer.png", "image/jpeg", "The sea")
    assert (media["width"], media["height"]) == pictures.SIZE[::-1]
    assert [warning["field"] for warning in media["warnings"]] == ["/note"]
    assert SECRET not in body(fetched(media["file_url"]))
    assert files(folder) == [f"{media['id']}.jpg"]


def test_it_fetches_nothing_for_a_workspace_that_may_keep_no_more(settings: Settings, web: Web) -> None:
    settings.MEDIA_QUOTA_MB = 1
    web.at["/"] = answer(films.video(film=b"x" * 1_100_000))

    assert refused(f"{web.url}/", 409) == "storage_full"


def test_it_fetches_a_video(web: Web) -> None:
    web.at["/clip"] = answer(films.video())

    assert fetch(f"{web.url}/clip").json()["media"]["duration"] == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.jpg", "ftp://example.com/a.jpg", "file:///etc/passwd", "data:image/png;base64,AA", "x",
        "", "https://me:secret@example.com/a.jpg", "//example.com/a.jpg",
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_https_address(url: str) -> None:
    error = builders.error(fetch(url))

    assert error["code"] in ("invalid_address", "invalid_value")
    assert error["field"] == "/url"


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/a", "https://10.0.0.1/a", "https://[::1]/a", "https://169.254.169.254/latest/meta-data"]
)
def test_it_refuses_an_address_that_is_not_public(url: str) -> None:
    assert refused(url) == "address_not_public"


def test_it_refuses_to_be_led_to_one(web: Web, folder: Path) -> None:
    web.at["/"] = redirect("https://169.254.169.254/latest/meta-data")
    web.at["/plain"] = redirect(f"http://127.0.0.1:{web.port}/a")

    assert refused(f"{web.url}/") == "address_not_public"
    assert refused(f"{web.url}/plain") == "invalid_address"
    assert files(folder) == []


@pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 500, 503])
def test_it_refuses_an_answer_that_is_no_file(web: Web, status: int, folder: Path) -> None:
    web.at["/"] = answer(pictures.jpeg(), status=status)

    error = builders.error(fetch(f"{web.url}/"))

    assert error["code"] == "unreachable"
    assert str(status) in error["error"]
    assert files(folder) == []


def test_it_gives_up_in_time(web: Web, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "FETCH_SECONDS", 0.5)
    web.at["/"] = endless(OK + b"\r\n" + pictures.jpeg()[:100], b"x", every=0.05)

    assert refused(f"{web.url}/") == "too_slow"
    assert files(folder) == []


def test_it_stops_an_endless_image_where_images_end(web: Web, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(types, "MOST_IMAGE_BYTES", 1_000_000)
    web.at["/"] = endless(OK + b"\r\n" + pictures.jpeg(), bytes(65536))

    assert refused(f"{web.url}/", 413) == "file_too_large"
    assert files(folder) == []


def test_it_stops_what_it_does_not_take_at_its_first_bytes(web: Web, folder: Path) -> None:
    web.at["/"] = endless(OK + b"\r\n<html>" + bytes(100), bytes(65536))

    assert refused(f"{web.url}/", 415) == "unsupported_media_type"
    assert files(folder) == []


def test_it_refuses_a_damaged_file_an_empty_one_and_a_packed_one(web: Web, folder: Path) -> None:
    web.at["/damaged"] = answer(pictures.png()[:200])
    web.at["/empty"] = answer(b"")
    web.at["/packed"] = answer(b"x", Content_Encoding="gzip")

    assert [refused(f"{web.url}/{path}") for path in ("damaged", "empty", "packed")] == [
        "file_broken",
        "file_empty",
        "packed",
    ]
    assert files(folder) == []


@pytest.mark.parametrize(
    "said", [{}, {"url": 1}, {"url": None}, {"url": ["https://x"]}, {"url": "https://" + "a" * 8000}, [], "x"]
)
def test_it_wants_an_address(said: Any) -> None:
    client = builders.client(builders.workspace())

    assert builders.error(client.post("/v1/media/from-url", json.dumps(said)))["code"] in (
        "field_required",
        "invalid_value",
    )
