"""Which files X takes beside a text, said before they are sent."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from integrations.platforms.base import Draft, MediaKind, Medium
from integrations.platforms.registry import PLATFORMS

X = PLATFORMS["twitter"]
MB = 1024**2
IMAGE = Medium(uuid4(), MediaKind.IMAGE, "image/png", 1 * MB, 800, 600)
GIF = Medium(uuid4(), MediaKind.GIF, "image/gif", 1 * MB, 480, 270, frames=50, duration=5)
VIDEO = Medium(
    uuid4(),
    MediaKind.VIDEO,
    "video/mp4",
    100 * MB,
    1280,
    720,
    duration=60,
    frame_rate=29.97,
    video_codec="h264",
    audio_codec="aac",
)


def codes(*media: Medium, premium: bool = False) -> list[str]:
    return [problem.code for problem in X.problems(Draft("look", media=media, premium=premium))]


@pytest.mark.parametrize("media", [[IMAGE] * 4, [GIF], [VIDEO], []], ids=["images", "gif", "video", "none"])
def test_it_takes_four_images_or_one_of_what_moves(media: list[Medium]) -> None:
    assert codes(*media) == []


@pytest.mark.parametrize(
    ("media", "code"),
    [
        ([IMAGE] * 5, "too_many_media"),
        ([GIF] * 2, "too_many_media"),
        ([VIDEO] * 2, "too_many_media"),
        ([IMAGE, GIF], "media_mixed"),
        ([VIDEO, IMAGE], "media_mixed"),
    ],
)
def test_it_refuses_more(media: list[Medium], code: str) -> None:
    assert codes(*media) == [code]


@pytest.mark.parametrize(
    ("medium", "facts", "code"),
    [
        (IMAGE, {"size": 30 * MB}, ""),  # it is brought down
        (IMAGE, {"alt_text": "a" * 1000}, ""),
        (IMAGE, {"alt_text": "a" * 1001}, "alt_text_too_long"),
        (GIF, {"size": 15 * MB}, ""),
        (GIF, {"size": 15 * MB + 1}, "media_too_large"),
        (VIDEO, {"type": "video/quicktime"}, ""),
        (VIDEO, {"type": "video/webm"}, "media_type_not_supported"),
        (VIDEO, {"duration": 0.5}, ""),
        (VIDEO, {"duration": 0.4}, "media_too_short"),
        (VIDEO, {"duration": 1200}, ""),
        (VIDEO, {"duration": 1201}, "media_too_long"),
        (VIDEO, {"size": 8 * 1024 * MB}, ""),
        (VIDEO, {"size": 8 * 1024 * MB + 1}, "media_too_large"),
        (VIDEO, {"video_codec": "hevc"}, "media_format_not_supported"),
        (VIDEO, {"audio_codec": "opus"}, "media_format_not_supported"),
        (VIDEO, {"audio_codec": ""}, ""),  # no sound
        (VIDEO, {"frame_rate": 60.0}, ""),
        (VIDEO, {"frame_rate": 120.0}, "media_format_not_supported"),
        (VIDEO, {"width": 32, "height": 32}, ""),
        (VIDEO, {"width": 31, "height": 60}, "media_format_not_supported"),
        (VIDEO, {"width": 300, "height": 900}, ""),
        (VIDEO, {"width": 300, "height": 901}, "media_format_not_supported"),
        (VIDEO, {"width": 0, "height": 0}, ""),  # nobody could read it
    ],
)
def test_it_knows_what_a_file_must_be(medium: Medium, facts: dict[str, Any], code: str) -> None:
    assert codes(replace(medium, **facts)) == ([code] if code else [])


def test_it_takes_more_of_an_account_with_premium() -> None:
    assert codes(replace(VIDEO, duration=125 * 60, size=16 * 1024 * MB), premium=True) == []
    assert codes(replace(VIDEO, duration=125 * 60 + 1), premium=True) == ["media_too_long"]


def test_it_points_at_the_file() -> None:
    parts = Draft("1"), Draft("2", media=(IMAGE, replace(IMAGE, alt_text="a" * 1001)), source=1)
    (problem,) = X.problems(*parts)
    assert problem.field == "/thread/0/media_ids/1"


@pytest.mark.parametrize(
    ("medium", "facts", "doubt"),
    [
        (VIDEO, {"width": 1920, "height": 1080}, False),
        (VIDEO, {"width": 1080, "height": 1920}, False),
        (VIDEO, {"width": 3840, "height": 2160}, True),
        (VIDEO, {"width": 1080, "height": 1921}, True),
        (GIF, {"width": 1280, "height": 1080}, False),
        (GIF, {"width": 1281, "height": 1080}, True),
        (GIF, {"frames": 351}, True),
        (GIF, {"width": 1000, "height": 1000, "frames": 301}, True),
        (IMAGE, {"width": 10_000, "height": 10_000}, False),
    ],
)
def test_it_warns_of_what_x_may_refuse(medium: Medium, facts: dict[str, Any], doubt: bool) -> None:
    draft = Draft("look", media=(replace(medium, **facts),))
    assert [(caution.code, caution.field) for caution in X.cautions(draft)] == (
        [("media_may_be_refused", "/media_ids/0")] if doubt else []
    )
