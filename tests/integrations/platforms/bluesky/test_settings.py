"""The settings of Bluesky, and what is said of a value that it cannot express."""

import subprocess
import sys

import pytest

from integrations.platforms.base import Draft, Problem
from integrations.platforms.registry import PLATFORMS

BLUESKY = PLATFORMS["bluesky"]
CHECKS = {setting.name: setting.check for setting in BLUESKY.settings}
WEB = "https://bsky.app/profile/ann.bsky.social/post/3n2zjxf5ciqli"
AT = "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3n2zjxf5ciqli"


def test_it_offers_these_settings_and_requires_none() -> None:
    assert list(CHECKS) == [
        "who_can_reply", "who_can_quote", "languages", "labels", "reply_to", "quote", "link_card",
    ]  # fmt: skip
    assert not any(setting.required for setting in BLUESKY.settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("who_can_reply", value) for value in ("everyone", "following", "followers", "mentionedUsers", "nobody")),
        ("who_can_quote", "everyone"),
        ("who_can_quote", "nobody"),
        ("languages", ["en", "pt-BR", "zh-Hant-TW"]),
        ("languages", []),
        ("labels", ["sexual", "nudity", "porn", "graphic-media"]),
        ("reply_to", WEB),
        ("quote", WEB + "/"),
        ("quote", WEB + "?ref_src=embed#top"),
        ("quote", AT),
        ("link_card", False),
    ],
)
def test_it_takes_what_bluesky_can_say(name: str, value: object) -> None:
    assert CHECKS[name](value) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("who_can_reply", "mentioned"),
        ("who_can_reply", ["following"]),
        ("who_can_quote", "followers"),
        ("languages", ["en", "de", "fr", "es"]),
        ("languages", "en"),
        ("languages", ["English"]),
        ("languages", ["EN"]),
        ("labels", ["spoiler"]),
        ("labels", "porn"),
        ("reply_to", "https://bsky.app/profile/ann.bsky.social"),
        ("reply_to", "https://evil.example/profile/ann.bsky.social/post/3n2zjxf5ciqli"),
        ("quote", "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.like/3n2zjxf5ciqli"),
        ("link_card", "no"),
    ],
)
def test_it_refuses_what_it_cannot(name: str, value: object) -> None:
    assert CHECKS[name](value)


@pytest.mark.parametrize("value", ["subscribers", "verified"])
def test_it_says_that_bluesky_has_no_way_to_say_what_others_can(value: str) -> None:
    assert f"Bluesky has no way to say “{value}”" in CHECKS["who_can_reply"](value)


def problems(**settings: object) -> list[Problem]:
    return list(BLUESKY.problems(Draft("hello", settings)))


def test_who_can_reply_is_for_those_who_begin_a_thread() -> None:
    (problem,) = problems(reply_to=WEB, who_can_reply="nobody")
    assert (problem.code, problem.field) == ("settings_conflict", "/platform_settings/bluesky/who_can_reply")
    assert problems(reply_to=WEB, who_can_reply="everyone") == []
    assert problems(reply_to=WEB) == []


def test_it_needs_no_atproto_to_know_all_this() -> None:
    code = (
        "import sys\n"
        "from integrations.platforms.base import Draft\n"
        "from integrations.platforms.registry import PLATFORMS\n"
        "assert PLATFORMS['bluesky'].facets(Draft('@ann.test example.com'))\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('atproto_client', 'PIL', 'httpx', 'requests')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
