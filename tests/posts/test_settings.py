"""`platform_settings`: the reference's own fields are kept, wrong values refused, the rest ignored by name."""

from typing import Any

import pytest

from integrations.platforms import registry
from tests import builders
from tests.posts.test_create import create, refused

pytestmark = pytest.mark.django_db

#: Every field of the reference's tables, with values that are right.
DOCUMENTED: list[tuple[str, str, list[Any]]] = [
    ("twitter", "who_can_reply", ["everyone", "following", "mentionedUsers", "subscribers", "verified"]),
    ("instagram", "post_type", ["post", "story", "reel"]),
    ("instagram", "collaborators", [[], ["anna"], ["anna", "ben"]]),
    ("youtube", "title", ["A title", "ä" * 100]),
    ("youtube", "privacy", ["public", "private", "unlisted"]),
    ("youtube", "made_for_kids", [True, False]),
    ("youtube", "youtube_tags", [[], ["a", "b c"]]),
    ("youtube", "thumbnail_url", ["https://example.com/a.jpg"]),
    ("tiktok", "tiktok_title", ["A title"]),
    ("tiktok", "privacy_level", ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]),
    ("tiktok", "allow_duet", [True, False]),
    ("tiktok", "allow_stitch", [True, False]),
    ("tiktok", "allow_comment", [True, False]),
]
WRONG: dict[str, list[Any]] = {
    "choice": [None, 1, True, "", "nobody", "EVERYONE", ["post"], {"a": 1}],
    "flag": [None, 0, 1, "true", "", [], {}],
    "text": [None, 1, True, "", "  ", [], {}],
    "list": [None, 1, "anna", [1], [None], [""], [["a"]], {"a": 1}],
    "url": [None, 1, "", "a.jpg", "ftp://example.com/a", "https://", "http://[", "javascript:alert(1)", []],
}
KINDS = {
    "collaborators": "list", "youtube_tags": "list", "title": "text", "tiktok_title": "text",
    "made_for_kids": "flag", "allow_duet": "flag", "allow_stitch": "flag", "allow_comment": "flag",
    "thumbnail_url": "url",
}  # fmt: skip


def test_it_knows_the_fields_of_the_reference() -> None:
    known = {(name, setting.name) for name, rules in registry.PLATFORMS.items() for setting in rules.settings}

    assert known >= {(platform, field) for platform, field, _ in DOCUMENTED}


@pytest.mark.parametrize(("platform", "field", "values"), DOCUMENTED)
def test_it_keeps_a_documented_field(platform: str, field: str, values: list[Any]) -> None:
    client = builders.client(builders.workspace())
    for value in values:
        made = create(client, platforms=[platform], platform_settings={platform: {field: value}})

        assert made["platform_settings"] == {platform: {field: value}}
        assert "setting_ignored" not in {one["code"] for one in made["warnings"]}


@pytest.mark.parametrize(("platform", "field"), [(platform, field) for platform, field, _ in DOCUMENTED])
def test_it_refuses_a_wrong_value_of_a_documented_field(platform: str, field: str) -> None:
    client = builders.client(builders.workspace())
    for value in WRONG[KINDS.get(field, "choice")]:
        body = refused(client, platforms=[platform], platform_settings={platform: {field: value}})

        assert (body["code"], body["field"]) == ("invalid_setting", f"/platform_settings/{platform}/{field}"), value


@pytest.mark.parametrize("platform", registry.NAMES)
def test_it_ignores_an_undocumented_field_and_names_it(platform: str) -> None:
    made = create(
        builders.client(builders.workspace()),
        platforms=[platform],
        platform_settings={platform: {"sparkles": {"a": []}}},
    )

    assert made["platform_settings"] == {}
    ignored = [one["field"] for one in made["warnings"] if one["code"] == "setting_ignored"]
    assert ignored == [f"/platform_settings/{platform}/sparkles"]


@pytest.mark.parametrize("name", ["bluesky", "myspace"])
def test_it_ignores_settings_of_a_platform_the_post_does_not_go_to(name: str) -> None:
    made = create(builders.client(builders.workspace()), platform_settings={name: {"who_can_reply": 1}})

    assert made["platform_settings"] == {}
    assert [one["field"] for one in made["warnings"]] == [f"/platform_settings/{name}"]


def test_it_requires_a_title_to_schedule_for_youtube() -> None:
    at = builders.iso(builders.soon())

    body = refused(builders.client(builders.workspace()), platforms=["youtube"], schedule_at=at)

    assert ("setting_required", "/platform_settings/youtube/title") in {
        (fault["code"], fault.get("field")) for fault in body["details"]
    }


@pytest.mark.parametrize(
    ("number", "named", "rest"), [(20, 20, []), (21, 19, ["… and 2 more."]), (100, 19, ["… and 81 more."])]
)
def test_it_names_the_first_ignored_settings_and_counts_the_rest(number: int, named: int, rest: list[str]) -> None:
    settings = {f"s{index}": 1 for index in range(number)}

    warnings = create(builders.client(builders.workspace()), platform_settings={"twitter": settings})["warnings"]

    fields = [f"/platform_settings/twitter/s{index}" for index in range(named)]
    assert [one["field"] for one in warnings] == fields + ["/platform_settings"] * len(rest)
    assert [one["message"] for one in warnings[named:]] == rest
    assert {one["code"] for one in warnings} == {"setting_ignored"}


def test_it_takes_100_settings_of_a_platform_and_no_more() -> None:
    settings = {f"s{index}": 1 for index in range(101)}

    body = refused(builders.client(builders.workspace()), platform_settings={"twitter": settings})

    assert (body["code"], body["field"]) == ("invalid_value", "/platform_settings/twitter")


def test_it_cuts_a_long_name_of_a_setting() -> None:
    made = create(builders.client(builders.workspace()), platform_settings={"twitter": {"s" * 101: 1}})

    (one,) = made["warnings"]
    assert one["field"] == "/platform_settings/twitter/" + "s" * 99 + "…"
    assert one["message"] == "twitter has no setting " + "s" * 99 + "…."
