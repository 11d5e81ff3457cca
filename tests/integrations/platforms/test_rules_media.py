"""What single platforms want of files and their settings, beyond what the contract asks of all of them."""

from dataclasses import replace

import pytest

from integrations.platforms.base import Draft, MediaKind, Medium, Rules
from integrations.platforms.registry import PLATFORMS
from tests.integrations.platforms.test_contract import file

YOUTUBE = PLATFORMS["youtube"]
TIKTOK = PLATFORMS["tiktok"]


def test_it_measures_a_youtube_description_in_bytes() -> None:
    assert YOUTUBE.text_problems(Draft("é" * 2500)) == []
    assert YOUTUBE.count("é" * 2501) == 5002


@pytest.mark.parametrize("text", ["a < b", "b > a", "<b>bold</b>"])
def test_it_refuses_angle_brackets_in_a_youtube_description(text: str) -> None:
    assert [problem.code for problem in YOUTUBE.text_problems(Draft(text))] == ["text_characters"]


def test_it_wants_a_title_for_youtube() -> None:
    problems = {problem.code: problem for problem in YOUTUBE.problems(Draft("A description"))}
    assert set(problems) == {"setting_required", "media_required"}
    assert problems["setting_required"].field == "/platform_settings/youtube/title"


@pytest.mark.parametrize("title", ["t" * 101, "a < b", "a > b"])
def test_it_refuses_a_youtube_title_that_youtube_would(title: str) -> None:
    wanted = YOUTUBE.settings[0].check(title)
    assert wanted == "a non-empty string of at most 100 characters without < and >"


def test_it_measures_tiktok_in_utf_16() -> None:
    assert TIKTOK.count("a😀") == 3
    assert TIKTOK.settings[0].check("😀" * 1101)


def test_it_leaves_media_platforms_without_text_alone() -> None:
    assert [problem.code for problem in PLATFORMS["instagram"].problems(Draft(""))] == ["media_required"]


def files_of(platform: str, *media: Medium, **settings: str) -> list[tuple[str, str]]:
    found = PLATFORMS[platform].media_problems(Draft("Hello", settings, media=media))
    return [(problem.code, problem.field) for problem in found]


def test_it_wants_one_file_for_a_story_and_a_video_for_a_reel() -> None:
    image, video = file(MediaKind.IMAGE), file(MediaKind.VIDEO, duration=61)

    assert files_of("instagram", image, video) == []
    assert files_of("instagram", image, image, post_type="story") == [("too_many_media", "/media_ids")]
    assert files_of("instagram", image, replace(video, duration=9), post_type="story") == [
        ("too_many_media", "/media_ids")
    ]
    assert files_of("instagram", video, post_type="story") == [("media_too_long", "/media_ids/0")]
    assert files_of("instagram", video, post_type="reel") == []
    assert files_of("instagram", image, post_type="reel") == [("media_kind_not_supported", "/media_ids/0")]


def test_it_takes_a_gif_beside_images_but_a_video_alone_on_mastodon() -> None:
    image, gif, video = (file(kind) for kind in (MediaKind.IMAGE, MediaKind.GIF, MediaKind.VIDEO))

    assert files_of("mastodon", image, gif, image) == []
    assert files_of("mastodon", video) == []
    assert files_of("mastodon", image, video) == [("media_mixed", "/media_ids")]


def test_it_wants_a_file_in_each_part_where_there_is_no_post_without() -> None:
    problems = PLATFORMS["instagram"].problems(Draft("One", media=(file(MediaKind.IMAGE),)), Draft("Two", source=1))
    assert [(problem.code, problem.field) for problem in problems] == [
        ("thread_not_supported", "/thread"),
        ("media_required", "/thread/0/media_ids"),
    ]


def test_it_says_what_it_does_not_know_how_to_send() -> None:
    class Letters(Rules):
        name, label, text_limit = "letters", "Letters", 1000

    (problem,) = Letters().problems(Draft("Hello", media=(file(MediaKind.IMAGE), file(MediaKind.GIF))))

    assert (problem.code, problem.field) == ("media_not_supported", "/media_ids")
    assert Letters().media_notes(Draft("Hello", media=(file(MediaKind.IMAGE),))) == []
