"""PATCH /v1/posts/{id}"""

import uuid
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from posts.api import scope, views
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db

WORDS: list[dict[str, Any]] = [
    {"content": "Something else"},
    {"tags": ["a", "b"]},
    {"tags": []},
    {"platform_overrides": {"twitter": "On X"}},
    {"platform_settings": {"twitter": {"who_can_reply": "verified"}}},
    {"group_id": str(uuid.UUID(int=7))},
    {"group_id": None},
]


def patch(client: builders.ApiClient, post: Post, **fields: Any) -> dict[str, Any]:
    answer = client.patch(f"/v1/posts/{post.id}", fields)
    assert answer.status_code == 200, answer.content
    changed: dict[str, Any] = answer.json()["data"]
    return changed


def shown(client: builders.ApiClient, post: Post) -> dict[str, Any]:
    data: dict[str, Any] = client.get(f"/v1/posts/{post.id}").json()["data"]
    return data


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("scheduled", [False, True])
def test_it_changes_what_is_said_and_nothing_else(words: dict[str, Any], scheduled: bool) -> None:
    workspace = builders.workspace()
    post = builders.post(
        workspace,
        at=builders.soon() if scheduled else None,
        tags=["old"],
        group_id=uuid.uuid4(),
        overrides={"twitter": "Old"},
        settings={"twitter": {"who_can_reply": "following"}},
    )
    client = builders.client(workspace)
    before = shown(client, post)
    due = builders.target(post).due_at

    after = patch(client, post, **words)

    changed = {name for name in before if before[name] != after[name]}
    assert changed == {*words, "updated_at"}
    assert {name: after[name] for name in words} == words
    assert shown(client, post) == after
    assert builders.target(post).due_at == due


def test_it_changes_nothing_when_nothing_is_said() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, at=builders.soon())
    client = builders.client(workspace)

    assert patch(client, post) | {"updated_at": ""} == shown(client, post) | {"updated_at": ""}


@pytest.mark.parametrize("name", ["schedule_at", "scheduled_at"])
def test_it_schedules_a_draft_that_gets_a_time(name: str) -> None:
    workspace = builders.workspace()
    post, at = builders.post(workspace), builders.soon(days=1)

    after = patch(builders.client(workspace), post, **{name: builders.iso(at)})

    assert (after["status"], after["scheduled_at"]) == ("scheduled", builders.iso(at))
    assert builders.target(post).due_at == at


def test_it_keeps_a_draft_that_gets_a_time_with_status_draft() -> None:
    workspace = builders.workspace()
    post, at = builders.post(workspace), builders.soon(days=1)
    client = builders.client(workspace)

    after = patch(client, post, schedule_at=builders.iso(at), status="draft")
    still = patch(client, post, content="Other")
    then = patch(client, post, status="scheduled")

    assert [one["status"] for one in (after, still, then)] == ["draft", "draft", "scheduled"]
    assert {one["scheduled_at"] for one in (after, still, then)} == {builders.iso(at)}
    assert builders.target(post).due_at == at


def test_it_moves_a_scheduled_post_to_another_time() -> None:
    workspace = builders.workspace()
    post, at = builders.post(workspace, at=builders.soon()), builders.soon(days=2)

    after = patch(builders.client(workspace), post, scheduled_at=builders.iso(at))

    assert (after["status"], after["scheduled_at"]) == ("scheduled", builders.iso(at))
    assert builders.target(post).due_at == at


def test_it_makes_a_post_due_when_its_new_time_is_now(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, at=builders.soon())
    client = builders.client(workspace)

    with django_capture_on_commit_callbacks() as hints:
        patch(client, post, scheduled_at=builders.iso(builders.soon(seconds=20)))

    assert len(hints) == 1
    assert (builders.target(post).due_at or builders.soon()) <= builders.soon(seconds=1)


@pytest.mark.parametrize(
    ("fields", "kept"), [({"scheduled_at": None}, False), ({"schedule_at": None}, False), ({"status": "draft"}, True)]
)
def test_it_makes_a_scheduled_post_a_draft(fields: dict[str, Any], kept: bool) -> None:
    workspace = builders.workspace()
    at = builders.soon()
    post = builders.post(workspace, at=at)

    after = patch(builders.client(workspace), post, **fields)

    assert (after["status"], after["scheduled_at"]) == ("draft", builders.iso(at) if kept else None)
    assert builders.target(post).due_at is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "scheduled"}, "time_required"),
        ({"status": "published"}, "invalid_status"),
        ({"status": "publishing"}, "invalid_status"),
        ({"status": "failed"}, "invalid_status"),
        ({"scheduled_at": None, "status": "scheduled"}, "time_required"),
        ({"scheduled_at": "2001-01-01T00:00:00Z"}, "time_in_past"),
        ({"scheduled_at": "2999-01-01T00:00:00Z"}, "time_too_far"),
        ({"platforms": []}, "field_required"),
        ({"platforms": ["myspace"]}, "unknown_platform"),
        ({"platform_overrides": {"bluesky": "x"}}, "override_without_target"),
        ({"platform_settings": {"twitter": {"who_can_reply": "me"}}}, "invalid_setting"),
        ({"content": None}, "invalid_value"),
        ({"media": ["x"]}, "invalid_value"),
        ({"media_ids": [str(uuid.UUID(int=7))]}, "media_not_found"),
        ({"thread": [{"content": "Two", "media_ids": [str(uuid.UUID(int=7))]}]}, "media_not_found"),
        ({"thread": [{}]}, "field_required"),
        ({"split": "yes"}, "invalid_value"),
    ],
)
def test_it_refuses_nonsense_and_changes_nothing(fields: dict[str, Any], code: str) -> None:
    workspace = builders.workspace()
    post = builders.post(workspace)
    client = builders.client(workspace)
    before = shown(client, post)

    body = builders.error(client.patch(f"/v1/posts/{post.id}", {"content": "Changed", "tags": ["new"], **fields}))

    assert body["code"] == code
    assert shown(client, post) == before


@pytest.mark.parametrize("status", ["publishing", "published", "failed"])
@pytest.mark.parametrize(
    "fields", [*WORDS, {"scheduled_at": None}, {"status": "draft"}, {"platforms": ["bluesky"]}, {}]
)
def test_it_refuses_a_post_that_has_begun_to_go_out(status: str, fields: dict[str, Any]) -> None:
    workspace = builders.workspace()
    post = getattr(builders, status)(workspace)
    client = builders.client(workspace)
    before = shown(client, post)

    body = builders.error(client.patch(f"/v1/posts/{post.id}", fields))

    assert body["code"] == "post_not_editable"
    assert status in body["error"]
    assert shown(client, post) == before


def test_it_keeps_and_drops_targets_when_platforms_change() -> None:
    workspace = builders.workspace()
    post = builders.post(
        workspace,
        platforms=["twitter", "bluesky"],
        at=builders.soon(),
        overrides={"twitter": "On X", "bluesky": "On Bluesky"},
    )
    client = builders.client(workspace)
    kept = builders.target(post, "bluesky")

    after = patch(client, post, platforms=["mastodon", "bluesky"])

    assert [one["integrations"]["platform"] for one in after["post_targets"]] == ["mastodon", "bluesky"]
    assert after["post_targets"][1]["id"] == str(kept.id)
    assert after["platform_overrides"] == {"bluesky": "On Bluesky"}
    assert {target.due_at for target in post.targets.all()} == {post.scheduled_at}
    assert after["status"] == "scheduled"


def test_it_keeps_a_target_named_by_its_account() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, platforms=["twitter", "bluesky"])
    kept = builders.target(post, "twitter")

    after = patch(builders.client(workspace), post, integrations=[str(kept.integration_id)])

    assert [one["id"] for one in after["post_targets"]] == [str(kept.id)]


def test_it_is_not_found_for_a_stranger_and_changes_nothing() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace)
    client = builders.stranger()

    foreign = builders.error(client.patch(f"/v1/posts/{post.id}", {"content": "Mine"}), 404)
    unknown = builders.error(client.patch(f"/v1/posts/{uuid.uuid4()}", {"content": "Mine"}), 404)

    assert foreign | {"request_id": ""} == unknown | {"request_id": ""}
    assert Post.objects.get(id=post.id).content == "Hello world"


def test_it_names_what_goes_with_a_platform_that_is_taken_out() -> None:
    workspace = builders.workspace()
    post = builders.post(
        workspace,
        platforms=["twitter", "bluesky"],
        overrides={"twitter": "Its own"},
        settings={"twitter": {"who_can_reply": "following"}},
    )

    data = builders.client(workspace).patch(f"/v1/posts/{post.id}", {"platforms": ["bluesky"]}).json()["data"]

    assert (data["platform_overrides"], data["platform_settings"]) == ({}, {})
    assert [(one["code"], one["field"]) for one in data["warnings"]] == [
        ("override_dropped", "/platform_overrides/twitter"),
        ("setting_ignored", "/platform_settings/twitter"),
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [("patch", ""), ("post", "/publish"), ("post", "/cancel"), ("post", "/duplicate"), ("delete", "")],
)
def test_it_is_not_found_when_somebody_else_deletes_it_meanwhile(
    monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    workspace = builders.workspace()
    post = builders.post(workspace)
    find = scope.post_of

    def find_and_lose(*args: Any) -> Post:
        found = find(*args)
        Post.objects.filter(id=found.id).delete()
        return found

    for module in (views, scope):
        monkeypatch.setattr(module, "post_of", find_and_lose)

    builders.error(getattr(builders.client(workspace), method)(f"/v1/posts/{post.id}{path}"), 404)
