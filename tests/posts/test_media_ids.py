"""`media_ids`: which files stand beside a post's text."""

import uuid
from typing import Any

import pytest

from integrations.models import Workspace
from posts.models import Media, Post
from tests import builders
from tests.posts.test_create import create, refused
from tests.posts.test_patch import patch, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


@pytest.fixture
def client(workspace: Workspace) -> builders.ApiClient:
    return builders.client(workspace)


def ids(*media: Media) -> list[str]:
    return [str(one.id) for one in media]


def stored(made: dict[str, Any]) -> list[tuple[int, int, str]]:
    post = Post.objects.get(id=made["id"])
    return [(one.part, one.position, str(one.media_id)) for one in post.attachments.all()]


# Creating -----------------------------------------------------------------------------------------------------------


def test_it_keeps_the_files_in_their_order_and_shows_them(client: builders.ApiClient, workspace: Workspace) -> None:
    one, two = builders.media(workspace, alt_text="A red dot"), builders.media(workspace)

    made = create(client, media_ids=ids(two, one))

    assert [file["id"] for file in made["media"]] == ids(two, one)
    assert made["media"][1]["alt_text"] == "A red dot"
    assert made["media"][0]["file_url"].startswith("http")
    assert stored(made) == [(0, 0, str(two.id)), (0, 1, str(one.id))]
    assert shown(client, Post.objects.get()) == made


@pytest.mark.parametrize("name", ["media_ids", "media"])
def test_it_takes_ids_and_what_it_shows_itself_by_either_name(
    client: builders.ApiClient, workspace: Workspace, name: str
) -> None:
    one, two = builders.media(workspace), builders.media(workspace)
    first = create(client, media_ids=ids(one, two))

    made = create(client, content="Second", **{name: [{"id": str(two.id)}, *ids(one)]})
    again = create(client, content="Third", **{name: first["media"]})

    assert [file["id"] for file in made["media"]] == ids(two, one)
    assert [file["id"] for file in again["media"]] == ids(one, two)
    assert made["warnings"] == again["warnings"] == []


def test_it_takes_both_names_while_they_agree(client: builders.ApiClient, workspace: Workspace) -> None:
    one, two = builders.media(workspace), builders.media(workspace)

    assert create(client, media_ids=ids(one), media=ids(one))["media"][0]["id"] == str(one.id)
    body = refused(client, media_ids=ids(one), media=ids(two))

    assert (body["code"], body["field"]) == ("invalid_value", "/media_ids")


def test_it_shows_no_files_where_there_are_none(client: builders.ApiClient) -> None:
    made = create(client)
    assert (made["media"], made["thread"], made["split"]) == ([], [], False)
    assert create(client, media_ids=[])["media"] == []


def test_it_finds_no_file_of_another_workspace(client: builders.ApiClient, workspace: Workspace) -> None:
    own, foreign = builders.media(workspace), builders.media(builders.workspace(name="Somebody else's"))

    theirs = refused(client, media_ids=ids(own, foreign))
    unknown = refused(client, media_ids=[str(own.id), str(uuid.uuid4())])

    assert (
        (theirs["code"], theirs["field"]) == (unknown["code"], unknown["field"]) == ("media_not_found", "/media_ids/1")
    )
    assert str(foreign.id) in theirs["error"]


def test_it_refuses_a_file_twice_in_one_part(client: builders.ApiClient, workspace: Workspace) -> None:
    one = builders.media(workspace)

    body = refused(client, media_ids=ids(one, one))

    assert (body["code"], body["field"]) == ("named_twice", "/media_ids/1")
    assert len(create(client, media_ids=ids(one), thread=[{"content": "Two", "media_ids": ids(one)}])["media"]) == 1


@pytest.mark.parametrize("name", ["media_ids", "media"])
@pytest.mark.parametrize(
    ("value", "field"),
    [
        (None, ""),
        ("x", ""),
        ({"id": str(uuid.UUID(int=1))}, ""),
        ([None], "/0"),
        (["x"], "/0"),
        ([7], "/0"),
        ([{}], "/0"),
        ([{"id": 7}], "/0"),
        ([[str(uuid.UUID(int=1))]], "/0"),
        ([str(uuid.UUID(int=1))] * 51, ""),
    ],
)
def test_it_refuses_what_is_no_list_of_files(client: builders.ApiClient, name: str, value: Any, field: str) -> None:
    body = refused(client, **{name: value})
    assert (body["code"], body["field"]) == ("invalid_value", f"/{name}{field}")


# What the platforms say of them -------------------------------------------------------------------------------------


def test_it_refuses_to_schedule_what_a_platform_does_not_take(client: builders.ApiClient, workspace: Workspace) -> None:
    video = builders.media(workspace, "video", file_size=600 * 1024**2, duration=60 * 60)
    fields = {"platforms": ["bluesky"], "media_ids": ids(video)}

    body = refused(client, **fields, schedule_at=builders.iso(builders.soon()))
    draft = create(client, **fields)

    assert {(one["code"], one["field"]) for one in body["details"]} == {
        ("media_too_large", "/media_ids/0"),
        ("media_too_long", "/media_ids/0"),
    }
    assert body["details"][0]["count"] == 600 * 1024**2
    assert {one["code"] for one in draft["warnings"]} == {"media_too_large", "media_too_long"}


def test_it_needs_no_words_beside_a_picture(client: builders.ApiClient, workspace: Workspace) -> None:
    at = builders.iso(builders.soon())
    assert refused(client, content="", schedule_at=at)["code"] == "text_required"
    assert create(client, content="", media_ids=ids(builders.media(workspace)), schedule_at=at)["status"] == "scheduled"


def test_it_schedules_where_media_is_required_once_there_is_some(
    client: builders.ApiClient, workspace: Workspace
) -> None:
    fields = {"platforms": ["instagram"], "schedule_at": builders.iso(builders.soon())}

    body = refused(client, **fields)
    made = create(client, **fields, media_ids=ids(builders.media(workspace)))

    assert (body["code"], body["field"]) == ("media_required", "/media_ids")
    assert (made["status"], made["warnings"]) == ("scheduled", [])


# Changing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheduled", [False, True])
def test_it_keeps_the_files_of_which_nothing_is_said(
    client: builders.ApiClient, workspace: Workspace, scheduled: bool
) -> None:
    one, two = builders.media(workspace), builders.media(workspace)
    post = builders.post(workspace, media=[one], thread=[("Two", [two])], at=builders.soon() if scheduled else None)

    assert patch(client, post, content="Other")["media"][0]["id"] == str(one.id)
    after = patch(client, post, media_ids=ids(two, one))

    assert [file["id"] for file in after["media"]] == ids(two, one)
    assert [file["id"] for file in after["thread"][0]["media"]] == ids(two)
    assert shown(client, post) == after


def test_it_takes_the_files_away(client: builders.ApiClient, workspace: Workspace) -> None:
    one = builders.media(workspace)
    post = builders.post(workspace, media=[one], thread=[("Two", [one])])

    after = patch(client, post, media=[])

    assert (after["media"], [file["id"] for file in after["thread"][0]["media"]]) == ([], ids(one))


def test_it_takes_no_file_away_from_a_scheduled_post_that_needs_it(
    client: builders.ApiClient, workspace: Workspace
) -> None:
    post = builders.post(workspace, platforms=["instagram"], media=[builders.media(workspace)], at=builders.soon())
    before = shown(client, post)

    body = builders.error(client.patch(f"/v1/posts/{post.id}", {"media_ids": []}))

    assert (body["code"], body["field"]) == ("media_required", "/media_ids")
    assert shown(client, post) == before


def test_it_publishes_a_draft_only_with_what_it_needs(client: builders.ApiClient, workspace: Workspace) -> None:
    bare = builders.post(workspace, platforms=["instagram"])
    whole = builders.post(workspace, platforms=["instagram"], media=[builders.media(workspace)])

    assert builders.error(client.post(f"/v1/posts/{bare.id}/publish"))["code"] == "media_required"
    assert client.post(f"/v1/posts/{whole.id}/publish").status_code == 202
