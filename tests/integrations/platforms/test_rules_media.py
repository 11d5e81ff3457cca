"""The platforms that publish images and videos only: Instagram, TikTok, YouTube."""

import pytest

from integrations.platforms.base import Draft
from integrations.platforms.registry import PLATFORMS

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
