"""GET /v1/media, and GET and PATCH of one."""

import json
import uuid
from typing import Any

import pytest

from posts.media.output import render_media
from posts.models import Media
from tests import builders

from . import pictures
from .sending import media

pytestmark = pytest.mark.django_db


def test_it_lists_the_newest_first() -> None:
    workspace = builders.workspace()
    made = [media(workspace) for _ in range(3)]
    media(builders.workspace())

    listed = builders.client(workspace).get("/v1/media").json()["data"]

    assert [one["id"] for one in listed] == [str(one.id) for one in reversed(made)]
    assert listed[0] == render_media(made[2])


def test_it_lists_20_unless_asked_for_more() -> None:
    workspace = builders.workspace()
    one = media(workspace)
    Media.objects.bulk_create(
        Media(workspace=workspace, file=one.file.name, kind="image", file_type="image/jpeg", file_size=1)
        for _ in range(24)
    )
    client = builders.client(workspace)

    assert [len(client.get(f"/v1/media{query}").json()["data"]) for query in ("", "?limit=2", "?limit=200")] == [
        20,
        2,
        25,
    ]


def test_it_goes_on_where_the_page_before_ended() -> None:
    workspace = builders.workspace()
    made = [str(media(workspace).id) for _ in range(5)]
    client, query, walked = builders.client(workspace), "", []

    while True:
        page = client.get(f"/v1/media?limit=2{query}").json()
        walked += [one["id"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        query = f"&cursor={page['next_cursor']}"

    assert walked == made[::-1]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "1.5", "²"])
def test_it_refuses_another_limit_as_posts_do(limit: str) -> None:
    error = builders.error(builders.client(builders.workspace()).get("/v1/media", {"limit": limit}))

    assert (error["code"], error["field"]) == ("invalid_limit", "limit")


def test_it_gives_one() -> None:
    workspace = builders.workspace()
    one = media(workspace, alt_text="A quarter of red")

    answer = builders.client(workspace).get(f"/v1/media/{one.id}").json()

    assert answer == {"data": render_media(one)}


def test_it_says_what_it_shows() -> None:
    workspace = builders.workspace()
    one = media(workspace)
    client = builders.client(workspace)

    for text in ("Ein Fuß 🦶", "", "  as typed\n"):
        answer = client.patch(f"/v1/media/{one.id}", json.dumps({"alt_text": text}))
        assert answer.json()["data"]["alt_text"] == text
    one.refresh_from_db()
    assert one.alt_text == "  as typed\n"
    assert answer.json()["data"] == {**render_media(one), "warnings": []}


def test_it_changes_nothing_else_and_says_so() -> None:
    workspace = builders.workspace()
    one = media(workspace)

    answer = builders.client(workspace).patch(f"/v1/media/{one.id}", json.dumps({"file_type": "text/html", "width": 9}))

    assert answer.status_code == 200
    assert [warning["field"] for warning in answer.json()["data"]["warnings"]] == ["/file_type", "/width"]
    one.refresh_from_db()
    assert (one.file_type, one.width) == ("image/jpeg", pictures.SIZE[0])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"alt_text": "x" * 2001}, "invalid_value"),
        ({"alt_text": None}, "invalid_value"),
        ({"alt_text": 1}, "invalid_value"),
        ({"alt_text": ["x"]}, "invalid_value"),
        ([], "invalid_value"),
        ("x", "invalid_value"),
    ],
)
def test_it_refuses_another_alt_text(said: Any, code: str) -> None:
    workspace = builders.workspace()
    one = media(workspace, alt_text="before")

    error = builders.error(builders.client(workspace).patch(f"/v1/media/{one.id}", json.dumps(said)))

    assert error["code"] == code
    one.refresh_from_db()
    assert one.alt_text == "before"


@pytest.mark.parametrize("name", ["x", "", "0", "254504b6-0afc-4c73-b074-89da5a1793d8", "%00", "..", "from-url/x"])
def test_it_does_not_find_what_is_not_there(name: str) -> None:
    client = builders.client(builders.workspace())

    for answer in (client.get(f"/v1/media/{name}x"), client.delete(f"/v1/media/{name}x")):
        assert answer.status_code == 404


def test_a_stranger_finds_nothing() -> None:
    one = media(builders.workspace())
    stranger, path = builders.stranger(), f"/v1/media/{one.id}"

    never = builders.error(stranger.get(f"/v1/media/{uuid.uuid4()}"), 404)
    for answer in (stranger.get(path), stranger.patch(path, json.dumps({"alt_text": "x"})), stranger.delete(path)):
        assert builders.error(answer, 404)["error"] == never["error"]
    assert stranger.get("/v1/media").json() == {"data": [], "next_cursor": None}
    one.refresh_from_db()
    assert one.alt_text == ""


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/media"),
        ("DELETE", "/v1/media"),
        ("PUT", "/v1/media/x"),
        ("POST", "/v1/media/x"),
        ("GET", "/v1/media/from-url"),
    ],
)
def test_it_takes_no_other_method(method: str, path: str) -> None:
    answer = builders.client(builders.workspace()).generic(method, path)

    assert answer.status_code in (404, 405)
    builders.error(answer, answer.status_code)
