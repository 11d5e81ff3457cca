"""GET /v1/posts/{id}"""

import uuid

import pytest

from tests import builders

pytestmark = pytest.mark.django_db


def test_it_shows_the_post_object_of_the_reference() -> None:
    workspace = builders.workspace()
    at = builders.soon(days=2)
    post = builders.post(workspace, "Hello", platforms=["twitter", "bluesky"], at=at, tags=["launch"])

    answer = builders.client(workspace).get(f"/v1/posts/{post.id}")

    assert answer.status_code == 200
    shown = answer.json()["data"]
    assert shown["id"] == str(post.id)
    assert shown["status"] == "scheduled"
    assert shown["content"] == "Hello"
    assert shown["scheduled_at"] == builders.iso(at)
    assert shown["published_at"] is None
    assert shown["tags"] == ["launch"]
    assert shown["created_at"] == builders.iso(post.created_at)
    targets = [
        (one["status"], one["platform_post_url"], one["integrations"]["platform"]) for one in shown["post_targets"]
    ]
    assert targets == [("pending", None, "twitter"), ("pending", None, "bluesky")]


def test_it_shows_what_we_add_to_the_reference() -> None:
    workspace = builders.workspace()
    group = uuid.uuid4()
    post = builders.post(
        workspace, group_id=group, overrides={"twitter": "Short"}, settings={"twitter": {"who_can_reply": "verified"}}
    )
    account = builders.account(workspace)

    shown = builders.client(workspace).get(f"/v1/posts/{post.id}").json()["data"]

    assert shown["group_id"] == str(group)
    assert shown["updated_at"].endswith("Z")
    assert shown["platform_overrides"] == {"twitter": "Short"}
    assert shown["platform_settings"] == {"twitter": {"who_can_reply": "verified"}}
    assert shown["warnings"] == []
    (target,) = shown["post_targets"]
    assert uuid.UUID(target["id"])
    assert target["published_at"] is None
    assert target["error"] is None
    assert target["integrations"] == {"platform": "twitter", "id": str(account.id), "username": account.username}


def test_it_shows_a_published_post_with_its_address() -> None:
    workspace = builders.workspace()
    post = builders.published(workspace)

    shown = builders.client(workspace).get(f"/v1/posts/{post.id}").json()["data"]

    assert shown["status"] == "published"
    (target,) = shown["post_targets"]
    assert target["status"] == "published"
    assert target["platform_post_url"] == f"https://example.com/{target['id']}"
    assert shown["published_at"] == target["published_at"]


def test_it_shows_a_live_target_beside_a_failed_one() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, platforms=["twitter", "bluesky"], at=builders.soon(seconds=1))
    builders.go_live(builders.target(post, "twitter"))
    builders.go_wrong(builders.target(post, "bluesky"))

    shown = builders.client(workspace).get(f"/v1/posts/{post.id}").json()["data"]

    assert (shown["status"], shown["published_at"]) == ("failed", None)
    live, broken = shown["post_targets"]
    assert live["status"] == "published"
    assert live["platform_post_url"]
    assert broken["status"] == "failed"
    assert broken["error"] == {
        "code": "rejected",
        "message": "The platform refused it.",
        "side": "yours",
        "retryable": False,
        "next_attempt_at": None,
    }


def test_it_is_not_found_for_a_stranger_as_if_it_never_existed() -> None:
    post = builders.post(builders.workspace())
    client = builders.stranger()

    foreign = builders.error(client.get(f"/v1/posts/{post.id}"), 404)
    unknown = builders.error(client.get(f"/v1/posts/{uuid.uuid4()}"), 404)

    assert foreign | {"request_id": ""} == unknown | {"request_id": ""}
    assert foreign["code"] == "not_found"


@pytest.mark.parametrize("name", ["1", "groups", "%00", "..", "ä", "3a6f1e9e-4c2b-4a1d-9e3a", "%ff", "a" * 5000])
def test_it_is_not_found_under_a_malformed_id(name: str) -> None:
    builders.error(builders.client(builders.workspace()).get(f"/v1/posts/{name}"), 404)
