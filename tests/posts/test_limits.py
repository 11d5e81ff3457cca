"""Text limits: counted as each platform counts, refused when scheduled, warned of in a draft."""

from typing import Any

import pytest

from posts.models import Post
from tests import builders
from tests.posts.test_create import create, refused

pytestmark = pytest.mark.django_db

LINK = "https://example.com/" + "a" * 200
FAMILY = "👩‍👩‍👧‍👦"  # one grapheme, 25 bytes

#: Texts that just fit, as that platform counts. One more "a" is one too many.
FITTING: list[tuple[str, str, int]] = [
    ("twitter", "a" * 280, 280),
    ("twitter", "字" * 140, 280),
    ("twitter", FAMILY * 140, 280),
    ("twitter", f"{LINK} " + "a" * 256, 280),
    ("bluesky", "a" * 300, 300),
    ("bluesky", "e\u0301" * 300, 300),
    ("bluesky", FAMILY * 100 + "a" * 200, 300),
    ("threads", "字" * 500, 500),
    ("threads", FAMILY * 20, 500),
    ("facebook", "字" * 63206, 63206),
    ("linkedin", "字" * 3000, 3000),
    ("mastodon", "字" * 500, 500),
    ("mastodon", f"{LINK} " + "a" * 476, 500),
]


@pytest.fixture
def client() -> builders.ApiClient:
    return builders.client(builders.workspace())


def faults(body: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body.get("details", [body])
    return found


@pytest.mark.parametrize(("platform", "text", "limit"), FITTING)
def test_it_counts_as_the_platform_counts(client: builders.ApiClient, platform: str, text: str, limit: int) -> None:
    at = builders.iso(builders.soon())

    made = create(client, platforms=[platform], content=text, schedule_at=at)
    body = refused(client, platforms=[platform], content=f"{text}a", schedule_at=at)

    assert (made["status"], made["content"]) == ("scheduled", text)
    assert {one["code"] for one in made["warnings"]} <= {"link_costs_more"}
    assert (body["code"], body["field"]) == ("text_too_long", "/content")
    assert (body["platform"], body["count"], body["limit"]) == (platform, limit + 1, limit)
    assert str(limit) in body["error"]


@pytest.mark.parametrize(
    ("platform", "text"), [("instagram", "a" * 2201), ("tiktok", "😀" * 1101), ("youtube", "ä" * 2501)]
)
def test_it_counts_for_platforms_that_need_media_too(client: builders.ApiClient, platform: str, text: str) -> None:
    body = refused(client, platforms=[platform], content=text, schedule_at=builders.iso(builders.soon()))

    (long,) = [fault for fault in faults(body) if fault["code"] == "text_too_long"]
    assert long["platform"] == platform
    assert long["count"] > long["limit"]
    assert "media_required" in {fault["code"] for fault in faults(body)}


def test_it_names_every_platform_that_refuses(client: builders.ApiClient) -> None:
    body = refused(
        client,
        platforms=["twitter", "bluesky", "linkedin"],
        content="a" * 301,
        schedule_at=builders.iso(builders.soon()),
    )

    assert [(fault["platform"], fault["count"], fault["limit"]) for fault in body["details"]] == [
        ("twitter", 301, 280),
        ("bluesky", 301, 300),
    ]


def test_it_counts_the_override_and_points_at_it(client: builders.ApiClient) -> None:
    at = builders.iso(builders.soon())

    create(client, content="a" * 999, platform_overrides={"twitter": "short"}, schedule_at=at)
    body = refused(client, content="short", platform_overrides={"x": "a" * 281}, schedule_at=at)

    assert (body["field"], body["count"]) == ("/platform_overrides/twitter", 281)


@pytest.mark.parametrize("fields", [{}, {"status": "draft"}])
def test_it_saves_a_draft_over_the_limit_whole_and_with_a_warning(
    client: builders.ApiClient, fields: dict[str, Any]
) -> None:
    if fields:
        fields = fields | {"schedule_at": builders.iso(builders.soon())}
    made = create(client, content="a" * 281, **fields)

    assert (made["status"], made["content"]) == ("draft", "a" * 281)
    (warning,) = made["warnings"]
    assert (warning["code"], warning["field"]) == ("text_too_long", "/content")
    assert "281" in warning["message"]
    assert "280" in warning["message"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_it_refuses_to_schedule_nothing(client: builders.ApiClient, text: str) -> None:
    body = refused(client, content=text, schedule_at=builders.iso(builders.soon()))

    assert (body["code"], body["field"]) == ("text_required", "/content")
    assert create(client, content=text)["content"] == text


def test_it_checks_again_when_a_draft_is_scheduled_or_published(client: builders.ApiClient) -> None:
    made = create(client, content="a" * 281)
    address = f"/v1/posts/{made['id']}"

    by_time = builders.error(client.patch(address, {"schedule_at": builders.iso(builders.soon())}))
    by_publishing = builders.error(client.post(f"{address}/publish"))

    assert by_time["code"] == by_publishing["code"] == "text_too_long"
    assert Post.objects.get(id=made["id"]).status == "draft"


def test_it_refuses_an_edit_of_a_scheduled_post_that_makes_it_too_long(client: builders.ApiClient) -> None:
    made = create(client, schedule_at=builders.iso(builders.soon()))

    body = builders.error(client.patch(f"/v1/posts/{made['id']}", {"content": "a" * 281}))

    assert body["code"] == "text_too_long"
    assert Post.objects.get(id=made["id"]).content == "Hello world"


# What we take at all ------------------------------------------------------------------------------------------------


def test_it_takes_texts_of_100_000_characters_and_no_longer(client: builders.ApiClient) -> None:
    text = "ä" * 100_000

    made = create(client, content=text)
    other = create(client, platform_overrides={"twitter": text})
    content = refused(client, content=f"{text}a")
    edit = builders.error(client.patch(f"/v1/posts/{made['id']}", {"content": f"{text}a"}))
    override = refused(client, platform_overrides={"twitter": f"{text}a"})

    assert (made["content"], other["platform_overrides"]) == (text, {"twitter": text})
    assert (content["code"], content["field"]) == (edit["code"], edit["field"]) == ("invalid_value", "/content")
    assert content["error"] == "content must have at most 100000 characters."
    assert (override["code"], override["field"]) == ("invalid_value", "/platform_overrides/twitter")
    assert override["error"] == "platform_overrides.twitter must have at most 100000 characters."


@pytest.mark.parametrize("field", ["platform_overrides", "platform_settings"])
def test_it_takes_100_keys_and_no_more(client: builders.ApiClient, field: str) -> None:
    body = refused(client, **{field: {str(number): {} for number in range(101)}})

    assert (body["code"], body["field"]) == ("invalid_value", f"/{field}")
    assert body["error"] == f"{field} must have at most 100 keys."


def test_it_cuts_the_name_of_an_override_that_is_no_platform(client: builders.ApiClient) -> None:
    body = refused(client, platform_overrides={"x" * 101: "a"})

    assert body["field"] == "/platform_overrides/" + "x" * 99 + "…"
    assert body["error"].startswith("x" * 99 + "… is not among")
