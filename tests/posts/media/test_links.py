"""`/files/…`: what somebody gets who holds a link, and for how long."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from posts.media.links import link
from posts.models import Media
from tests import builders

from . import films
from .sending import body, fetched, media, path_of

pytestmark = pytest.mark.django_db

FILM = films.video(film=bytes(range(256)) * 40)


def video() -> tuple[Media, bytes]:
    one = media(builders.workspace(), FILM, name="clip.mp4")
    with one.file.open("rb") as file:
        return one, file.read()


def test_it_gives_the_file_to_whoever_has_the_link() -> None:
    one, data = video()

    answer = fetched(link(one))

    assert answer.status_code == 200
    assert body(answer) == data
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Content-Length"] == str(len(data))
    assert answer["Content-Disposition"] == f'inline; filename="{one.id}.mp4"'
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Accept-Ranges"] == "bytes"


def test_its_address_is_the_one_we_are_reached_at(settings: Settings) -> None:
    settings.OPENPOST_URL = "https://post.example"

    assert link(video()[0]).startswith("https://post.example/files/")


def test_it_answers_head_without_the_file() -> None:
    one, data = video()

    answer = Client().head(path_of(link(one)))

    assert (answer.status_code, answer["Content-Length"]) == (200, str(len(data)))
    assert body(answer) == b""


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_takes_nothing(method: str) -> None:
    assert getattr(Client(), method)(path_of(link(video()[0]))).status_code == 405


def test_a_link_stays_the_same_for_an_hour() -> None:
    one, _ = video()
    begin = timezone.now().replace(minute=0, second=0, microsecond=0)

    with time_machine.travel(begin, tick=False) as clock:
        first = link(one)
        clock.shift(timedelta(minutes=59, seconds=59))
        assert link(one) == first
        clock.shift(timedelta(seconds=1))
        assert link(one) != first


@pytest.mark.parametrize("minutes", [0, 30, 59])
def test_a_link_is_good_for_a_day_at_least_and_then_over(minutes: int, settings: Settings) -> None:
    settings.MEDIA_LINK_HOURS = 24
    one, _ = video()
    begin = timezone.now().replace(minute=minutes, second=0, microsecond=0)

    with time_machine.travel(begin, tick=False) as clock:
        url = link(one)
        clock.shift(timedelta(hours=24))
        assert fetched(url).status_code == 200
        clock.shift(timedelta(minutes=60 - minutes))
        over = fetched(url)

    assert over.status_code == 410
    assert b"expired" in body(over)
    assert over["Content-Type"].startswith("text/plain")


def test_a_cache_keeps_it_no_longer_than_the_link_is_good() -> None:
    one, _ = video()
    answer = fetched(link(one))

    assert answer["Cache-Control"].startswith("private, immutable, max-age=")
    assert 0 < int(answer["Cache-Control"].rpartition("=")[2]) <= 25 * 3600


def test_it_does_not_find_a_link_that_was_changed() -> None:
    one, _ = video()
    other = media(builders.workspace())
    path = path_of(link(one))
    token = path.split("/")[2]
    value, signature = token.split(".")
    media_id, until = value.split("-")
    wrong = [
        f"{other.id.hex}-{until}.{signature}",
        f"{media_id}-{int(until, 16) + 3600:x}.{signature}",
        f"{media_id}-{until}.{signature[:-1]}",
        f"{media_id}-{until}.{signature}x",
        f"{media_id}-{until}.",
        f"{media_id}-{until}",
        media_id,
        str(one.id),
        f"{media_id}.{until}.{signature}",
        "x",
        "%00",
        "..",
        f"../{token}",
    ]

    always_the_same = {Client().get("/nothing").content, b"There is no such file.\n"}
    for token in wrong:
        answer = Client().get(f"/files/{token}/{one.id}.mp4")
        assert answer.status_code == 404, token
        assert answer.content in always_the_same
    assert fetched(f"/files/{path.split('/')[2]}/another-name.html")["Content-Type"] == "video/mp4"


def test_it_does_not_find_what_was_signed_for_something_else(settings: Settings) -> None:
    one, _ = video()
    url = link(one)

    settings.SECRET_KEY = "another"
    assert fetched(url).status_code == 404


def test_it_does_not_find_a_file_that_is_gone() -> None:
    one, _ = video()
    url = link(one)

    one.file.storage.delete(str(one.file.name))
    assert fetched(url).status_code == 404
    Media.objects.all().delete()
    assert fetched(url).status_code == 404


# Ranges, which players need -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-0", 0, 0), ("0-", 0, -1), ("5-9", 5, 9), ("9000-", 9000, -1), ("-1", -1, -1), ("-500", -500, -1),
     ("5-999999999999", 5, -1), ("-999999999999", 0, -1)],
)  # fmt: skip
def test_it_gives_a_range(asked: str, first: int, last: int) -> None:
    one, data = video()
    size = len(data)
    first, last = first % size if first else 0, last % size if last else 0

    answer = fetched(link(one), range=f"bytes={asked}")

    assert answer.status_code == 206
    assert body(answer) == data[first : last + 1]
    assert answer["Content-Range"] == f"bytes {first}-{last}/{size}"
    assert answer["Content-Length"] == str(last - first + 1)
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("asked", ["999999999-", "999999999-9999999999", "-0", "9-5"])
def test_it_has_no_range_that_is_not_in_the_file(asked: str) -> None:
    one, data = video()

    answer = fetched(link(one), range=f"bytes={asked}")

    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(data)}")


@pytest.mark.parametrize(
    "asked", ["bytes=-", "bytes=a-b", "bytes=0-1,3-4", "lines=1-2", "bytes", "", "bytes=1-2x", "bytes=٣-"]
)
def test_it_gives_the_whole_where_it_does_not_understand_the_range(asked: str) -> None:
    one, data = video()

    answer = Client().get(path_of(link(one)), HTTP_RANGE=asked)

    assert answer.status_code == 200
    assert body(answer) == data


def test_it_gives_a_range_of_the_same_file_only() -> None:
    one, data = video()
    tag = fetched(link(one))["ETag"]

    assert fetched(link(one), range="bytes=1-2", if_range=tag).status_code == 206
    assert body(fetched(link(one), range="bytes=1-2", if_range='"another"')) == data


def test_it_says_when_a_cache_has_it_already() -> None:
    one, _ = video()
    tag = fetched(link(one))["ETag"]

    answer: Any = fetched(link(one), if_none_match=tag)

    assert (answer.status_code, body(answer)) == (304, b"")
