"""POST /v1/posts/validate: what creating would say, with nothing written."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.platforms.base import Draft, Length
from integrations.platforms.registry import NAMES, PLATFORMS
from integrations.platforms.twitter.rules import X
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db

FAMILY = "👨‍👩‍👧‍👦"
LONG = "a" * 301


@pytest.fixture
def client() -> builders.ApiClient:
    return builders.client(builders.workspace())


def body_of(**fields: Any) -> dict[str, Any]:
    return {"content": "Hello world", "platforms": ["twitter"], **fields}


def validate(client: builders.ApiClient, **fields: Any) -> dict[str, Any]:
    """What validate answers; it may not have written a row of anything."""
    before = rows()
    answer = client.post("/v1/posts/validate", body_of(**fields))
    assert answer.status_code == 200, answer.content
    assert rows() == before
    found: dict[str, Any] = answer.json()["data"]
    return found


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models() if model._meta.managed}


def codes(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["code"], one["field"]) for one in found]


# What it answers ----------------------------------------------------------------------------------------------------


def test_it_shows_what_each_account_would_be_sent(client: builders.ApiClient) -> None:
    found = validate(
        client,
        platforms=["x", "bluesky"],
        platform_overrides={"bluesky": f"On Bluesky {FAMILY}"},
        platform_settings={"x": {"who_can_reply": "following"}},
    )

    x, bluesky = found["targets"]
    post = Post.objects.get(id=client.post("/v1/posts", body_of(platforms=["x", "bluesky"])).json()["data"]["id"])
    assert [one["integrations"]["id"] for one in (x, bluesky)] == [
        str(target.integration_id) for target in post.targets.order_by("position")
    ]
    first = {
        "content": "Hello world",
        "count": 11,
        "limit": 280,
        "unit": "weighted characters",
        "counts": [{"count": 11, "limit": 280, "unit": "weighted characters"}],
    }
    assert x == {
        "integrations": x["integrations"] | {"platform": "twitter"},
        "settings": {"who_can_reply": "following"},
        **first,
        "parts": [{**first, "facets": [], "media": []}],
        "problems": [],
        "warnings": [],
    }
    assert bluesky["content"] == f"On Bluesky {FAMILY}"
    assert bluesky["counts"] == [
        {"count": 12, "limit": 300, "unit": "graphemes"},
        {"count": 36, "limit": 3000, "unit": "UTF-8 bytes"},
    ]
    assert (found["valid"], found["problems"], found["ignored"]) == (True, [], [])


@pytest.mark.parametrize("platform", NAMES)
def test_it_knows_every_platform(client: builders.ApiClient, platform: str) -> None:
    rules = PLATFORMS[platform]

    found = validate(client, platforms=[platform], content="a" * (rules.text_limit + 1))

    (target,) = found["targets"]
    assert target["integrations"]["platform"] == platform
    assert (target["count"], target["limit"], target["unit"]) == (
        rules.text_limit + 1,
        rules.text_limit,
        rules.text_unit,
    )
    assert ("text_too_long", "/content") in codes(target["problems"])
    assert found["valid"] is False


def test_it_names_what_will_be_ignored_as_creating_does(client: builders.ApiClient) -> None:
    body = {"colour": "red", "platform_settings": {"twitter": {"font": 1}, "tiktok": {}}}

    found = validate(client, **body)

    assert found["valid"] is True
    assert found["ignored"] == client.post("/v1/posts", body_of(**body)).json()["data"]["warnings"]
    assert codes(found["ignored"]) == [
        ("field_ignored", "/colour"),
        ("setting_ignored", "/platform_settings/twitter/font"),
        ("setting_ignored", "/platform_settings/tiktok"),
    ]


def test_it_warns_of_what_a_link_costs_on_x_and_of_cashtags(client: builders.ApiClient) -> None:
    text = "Buy $AAPL and $TSLA at example.com"

    x, bluesky = validate(client, platforms=["twitter", "bluesky"], content=text)["targets"]
    (override,) = validate(client, platform_overrides={"x": text})["targets"]

    assert codes(x["warnings"]) == [("link_costs_more", "/content"), ("too_many_cashtags", "/content")]
    assert "$0.20" in x["warnings"][0]["message"]
    assert x["problems"] == bluesky["warnings"] == []
    assert {one["field"] for one in override["warnings"]} == {"/platform_overrides/twitter"}


def test_it_tells_of_a_time_that_is_not_possible(client: builders.ApiClient) -> None:
    past = validate(client, schedule_at=builders.iso(builders.soon(hours=-1)))
    far = validate(client, schedule_at=builders.iso(builders.soon(days=181)))

    assert (past["valid"], codes(past["problems"])) == (False, [("time_in_past", "/schedule_at")])
    assert (far["valid"], codes(far["problems"])) == (False, [("time_too_far", "/schedule_at")])


@pytest.mark.parametrize(
    ("days", "fields", "warned"),
    [
        (89, {}, False),
        (91, {}, True),
        (91, {"refreshed_at": timedelta(days=2)}, False),
        (91, {"token_expires_at": None}, False),
    ],
)
def test_it_warns_of_access_that_ends_before_the_post_is_due(days: int, fields: dict[str, Any], warned: bool) -> None:
    workspace, now = builders.workspace("live"), timezone.now()
    fields = {name: now + value if value else None for name, value in fields.items()}
    builders.integration(workspace, "bluesky", **{"token_expires_at": now + timedelta(hours=2), **fields})
    body = {"platforms": ["bluesky"], "schedule_at": builders.iso(builders.soon(days=days))}

    (target,) = validate(builders.client(workspace), **body)["targets"]

    assert codes(target["warnings"]) == ([("access_may_end", "/schedule_at")] if warned else [])


def test_it_warns_of_a_token_that_may_be_spent() -> None:
    workspace, now = builders.workspace("live"), timezone.now()
    builders.integration(workspace, "twitter", token_expires_at=now + timedelta(hours=2), refresh_sent=True)
    client = builders.client(workspace)

    (early,) = validate(client, schedule_at=builders.iso(builders.soon(hours=1)))["targets"]
    (late,) = validate(client, schedule_at=builders.iso(builders.soon(hours=3)))["targets"]

    assert (codes(early["warnings"]), codes(late["warnings"])) == ([], [("access_may_end", "/schedule_at")])


# The same as creating -----------------------------------------------------------------------------------------------

CASES: list[dict[str, Any]] = [
    {},
    {"platforms": list(NAMES)},
    {"platforms": ["twitter", "bluesky", "mastodon"], "content": f"See https://example.com {FAMILY}"},
    {"platforms": ["twitter", "bluesky"], "content": LONG},
    {"platforms": ["twitter", "bluesky"], "content": LONG, "platform_overrides": {"x": "a", "bluesky": "b"}},
    {"platforms": ["bluesky"], "content": FAMILY * 121},
    {"content": " "},
    {"content": "a\ufeffb $A $B"},
    {"platforms": ["youtube", "tiktok"], "platform_settings": {"youtube": {"title": "A title"}}},
    {"schedule_at": "2020-01-01T00:00:00Z"},
    {"colour": "red"},
]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_it_is_valid_exactly_when_it_could_be_scheduled(client: builders.ApiClient, case: dict[str, Any]) -> None:
    body = {"schedule_at": builders.iso(builders.soon()), **case}

    found = validate(client, **body)
    answer = client.post("/v1/posts", body_of(**body))

    problems = [*found["problems"], *(one for target in found["targets"] for one in target["problems"])]
    if found["valid"]:
        assert (answer.status_code, problems) == (201, [])
        made = answer.json()["data"]
        told = [*found["ignored"], *(one for target in found["targets"] for one in target["warnings"])]
        assert made["warnings"] == told
        targets = made["post_targets"]
        assert [one["integrations"] for one in targets] == [one["integrations"] for one in found["targets"]]
    else:
        refusal = builders.error(answer)
        faults = refusal.get("details", [refusal])
        assert codes(problems) == codes(faults)
        assert [one["message"] for one in problems] == [one["error"] for one in faults]


@pytest.mark.parametrize(
    "wrong",
    [
        {"content": None},
        {"platforms": []},
        {"platforms": ["myspace"]},
        {"schedule_at": "tomorrow"},
        {"status": "published"},
        {"status": "scheduled"},
        {"platform_overrides": {"bluesky": "Hello"}},
        {"platform_settings": {"twitter": {"who_can_reply": "nobody"}}},
        {"media": ["a"]},
    ],
    ids=str,
)
def test_it_refuses_what_creating_refuses_to_understand(client: builders.ApiClient, wrong: dict[str, Any]) -> None:
    here = builders.error(client.post("/v1/posts/validate", body_of(**wrong)))
    there = builders.error(client.post("/v1/posts", body_of(**wrong)))

    del here["request_id"], there["request_id"]
    assert here == there


def test_it_refuses_an_account_that_must_be_connected_again() -> None:
    workspace = builders.workspace("live")
    builders.integration(workspace, "twitter", status="needs_refresh")

    body = builders.error(builders.client(workspace).post("/v1/posts/validate", body_of()))

    assert (body["code"], body["field"]) == ("integration_not_active", "/platforms/0")


# Who asks -----------------------------------------------------------------------------------------------------------


# Threads, files, facets ---------------------------------------------------------------------------------------------


def test_it_shows_every_part_and_what_becomes_of_each_file() -> None:
    workspace = builders.workspace()
    small, large = builders.media(workspace), builders.media(workspace, file_size=3_000_000)

    found = validate(
        builders.client(workspace),
        platforms=["twitter", "bluesky"],
        content="One",
        media_ids=[str(small.id), str(large.id)],
        thread=[{"content": "Two 文"}],
    )

    x, bluesky = found["targets"]
    assert (found["valid"], found["ignored"]) == (True, [])
    assert [(part["content"], part["count"], part["unit"]) for part in x["parts"]] == [
        ("One", 3, "weighted characters"),
        ("Two 文", 6, "weighted characters"),
    ]
    assert [(one["id"], one["as_it_is"]) for one in x["parts"][0]["media"]] == [
        (str(small.id), True),
        (str(large.id), True),
    ]
    assert [one["as_it_is"] for one in bluesky["parts"][0]["media"]] == [True, False]
    assert "2,000,000" in bluesky["parts"][0]["media"][1]["message"]
    assert [part["media"] for part in (x["parts"][1], bluesky["parts"][1])] == [[], []]
    assert bluesky["counts"] == bluesky["parts"][0]["counts"]


def test_it_shows_the_facets_of_each_part_as_bytes() -> None:
    found = validate(
        builders.client(builders.workspace()),
        platforms=["bluesky"],
        content="é #tag",
        thread=[{"content": "See https://example.com"}],
    )

    first, second = found["targets"][0]["parts"]
    assert first["facets"] == [{"start": 3, "end": 7, "kind": "tag", "value": "tag"}]
    assert second["facets"] == [{"start": 4, "end": 23, "kind": "link", "value": "https://example.com"}]


def test_it_names_the_part_and_the_file_that_are_wrong() -> None:
    workspace = builders.workspace()
    video = builders.media(workspace, "video", duration=3600)

    (target,) = validate(
        builders.client(workspace),
        platforms=["bluesky"],
        thread=[{"content": "a" * 301}, {"content": "Three", "media_ids": [str(video.id)]}],
    )["targets"]

    assert codes(target["problems"]) == [
        ("text_too_long", "/thread/0/content"),
        ("media_too_long", "/thread/1/media_ids/0"),
    ]
    numbers = {"platform": "bluesky", "count": 301, "limit": 300, "unit": "graphemes"}
    assert {name: target["problems"][0][name] for name in numbers} == numbers


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"media_ids": [str(uuid.UUID(int=7))]}, "media_not_found", "/media_ids/0"),
        ({"thread": [{"content": "Two", "media_ids": [7]}]}, "invalid_value", "/thread/0/media_ids/0"),
    ],
)
def test_it_refuses_what_it_cannot_understand(
    client: builders.ApiClient, fields: dict[str, Any], code: str, field: str
) -> None:
    body = builders.error(client.post("/v1/posts/validate", body_of(**fields)))
    assert (body["code"], body["field"]) == (code, field)


def test_it_locks_nothing(client: builders.ApiClient) -> None:
    workspace = builders.workspace()
    with CaptureQueriesContext(connection) as queries:
        validate(builders.client(workspace), media_ids=[str(builders.media(workspace).id)])
    assert not [query for query in queries if "FOR " in query["sql"] and "posts_media" in query["sql"]]


def test_it_says_what_publishing_is_given(client: builders.ApiClient) -> None:
    """The parts that validate shows are those that are sent."""
    workspace = builders.workspace()
    body = {"platforms": ["mastodon"], "content": LONG * 3, "split": True, "thread": [{"content": "Last"}]}

    (target,) = validate(builders.client(workspace), **body)["targets"]

    made = builders.client(workspace).post("/v1/posts", body_of(**body)).json()["data"]
    drafts = Post.objects.get(id=made["id"]).parts_for(builders.account(workspace, "mastodon"))
    assert [part["content"] for part in target["parts"]] == [draft.text for draft in drafts]
    assert len(drafts) == 3


def test_it_shows_nobody_else_s_account() -> None:
    account = builders.integration(builders.workspace("live"), "twitter")

    body = builders.error(
        builders.stranger().post("/v1/posts/validate", {"content": "Hello", "integrations": [str(account.id)]})
    )

    assert body["code"] == "integration_not_found"
    assert account.username not in str(body)


def test_it_asks_for_a_key() -> None:
    builders.error(builders.ApiClient().post("/v1/posts/validate", body_of()), 401)


def test_it_reads_no_credential(client: builders.ApiClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        validate(client, platforms=["twitter", "bluesky"])

    assert not [query for query in queries if '"credentials"' in query["sql"]]


def test_it_asks_the_rules_once_for_all_accounts_that_share_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long text for a hundred accounts kept a process busy for a minute and a half."""
    workspace = builders.workspace()
    ids = [str(builders.integration(workspace).id) for _ in range(5)]
    ids.append(str(builders.integration(workspace, premium=True).id))
    asked: list[str] = []
    lengths = X.lengths

    def counted(self: X, draft: Draft) -> Sequence[Length]:
        asked.append(draft.text)
        return lengths(self, draft)

    client = builders.client(workspace)
    monkeypatch.setattr(X, "lengths", counted)
    once = client.post("/v1/posts/validate", {"content": "Hello", "integrations": ids[:1]}).json()["data"]
    few = len(asked)
    many = client.post("/v1/posts/validate", {"content": "Hello", "integrations": ids}).json()["data"]
    assert len(asked) - few == 2 * few, "once for those that pay nothing, once for the one that does"
    shown = [{**target, "integrations": None} for target in many["targets"][:5]]
    assert shown == [{**once["targets"][0], "integrations": None}] * 5


def test_it_asks_the_database_no_more_often_for_many_accounts() -> None:
    workspace = builders.workspace()
    ids = [str(builders.integration(workspace).id) for _ in range(6)]
    client = builders.client(workspace)

    def queries(accounts: list[str]) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.post("/v1/posts/validate", {"content": "Hello", "integrations": accounts})
        return len(captured)

    queries(ids)
    assert queries(ids) == queries(ids[:1])
