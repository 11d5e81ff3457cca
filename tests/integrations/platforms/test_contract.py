"""What every platform's rules must keep. A new platform is held to it by its line in the registry."""

import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from integrations.platforms.base import MOST_PARTS, Draft, Length, MediaKind, Medium, Rules
from integrations.platforms.registry import NAMES, PLATFORMS, by_name
from tests.openpost.test_admin import contrast

PROJECT = Path(__file__).resolve().parents[3]
PLATFORMS_FOLDER = PROJECT / "integrations" / "platforms"

PIECES = [
    *"aZ 1.,:/@#-_()<>?\n\r\t\0\x1b",
    "http://a.com/(b)",
    "@a@b.example",
    "é",
    "e\u0301",
    "文",
    "\u202e",
    "\ufeff",
]
PIECES += ["👨‍👩‍👧‍👦", "🇩🇪", "🇩", "1️⃣", "क्षि", "\u200d", "\ud800", "\udfff", "\U0010ffff", "🏴\U000e0067\U000e007f"]

MEGABYTE = 1024 * 1024
FLOODS = [
    *[
        "a",
        "@",
        "a.",
        "a.com.",
        "a_b.com.",
        " a.com",
        "a.co/(",
        "a.co/!",
        "http://",
        "https://a.b/)",
        "@a@b.",
        "www.a.b ",
    ],
    *[
        "文",
        "文.",
        "文-.",
        "👨‍👩‍👧‍👦",
        "🇩",
        "👨\u200d",
        "e\u0301\u0316",
        "\u0301\u0316",
        "क्",
        "\u1100",
        "\u0600",
        "xn--",
        "\r\n",
    ],
]

each_platform = pytest.mark.parametrize("rules", PLATFORMS.values(), ids=PLATFORMS.keys())


def filled(piece: str) -> str:
    return piece * (MEGABYTE // len(piece.encode()))


def needed(rules: Rules) -> dict[str, str]:
    """The settings without which nothing goes out there."""
    return {setting.name: "A title" for setting in rules.settings if setting.required}


def limits_of(rules: Rules, text: str) -> list[str]:
    return [problem.code for problem in rules.text_problems(Draft(text))]


@each_platform
def test_it_has_the_facts_a_platform_needs(rules: Rules) -> None:
    assert re.fullmatch(r"[a-z]+", rules.name)
    assert rules.label
    assert rules.text_limit > 0
    assert rules.text_unit
    assert len({setting.name for setting in rules.settings}) == len(rules.settings)
    assert all(re.fullmatch(r"[a-z_]+", setting.name) for setting in rules.settings)


@each_platform
def test_it_lives_in_a_folder_of_its_name(rules: Rules) -> None:
    home = f"integrations.platforms.{rules.name}"
    assert type(rules).__module__ == f"{home}.rules"
    assert rules.client in ("", f"{home}.client:build")
    assert rules.connect == "" or re.fullmatch(rf"{re.escape(home)}\.\w+:refresh", rules.connect)
    assert rules.picture == "" or re.fullmatch(rf"{re.escape(home)}\.\w+:picture", rules.picture)


@each_platform
def test_it_names_the_documentation_above_its_limit(rules: Rules) -> None:
    source = (PLATFORMS_FOLDER / rules.name / "rules.py").read_text()
    assert re.search(r"# https://\S+\n +text_limit = ", source)


@each_platform
def test_it_takes_a_text_of_just_the_limit_and_refuses_one_more(rules: Rules) -> None:
    assert rules.count("a" * rules.text_limit) == rules.text_limit
    assert limits_of(rules, "a" * rules.text_limit) == []

    (problem,) = rules.text_problems(Draft("a" * (rules.text_limit + 1)))

    assert problem.code == "text_too_long"
    assert problem.field == "/content"
    assert problem.details == {
        "platform": rules.name,
        "count": rules.text_limit + 1,
        "limit": rules.text_limit,
        "unit": rules.text_unit,
    }
    assert rules.label in problem.message
    assert str(rules.text_limit) in problem.message


@each_platform
def test_it_takes_more_of_accounts_that_pay_where_that_is_known(rules: Rules) -> None:
    paid = rules.premium_text_limit or rules.text_limit
    assert paid >= rules.text_limit
    assert rules.lengths(Draft("a", premium=True))[0] == Length(1, paid, rules.text_unit)
    assert rules.lengths(Draft("a"))[0] == Length(1, rules.text_limit, rules.text_unit)


@each_platform
@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000"])
def test_it_wants_words_where_words_stand_alone(rules: Rules, text: str) -> None:
    assert limits_of(rules, text) == ([] if rules.media_required else ["text_required"])


@each_platform
def test_it_wants_media_where_there_is_no_post_without(rules: Rules) -> None:
    codes = [problem.code for problem in rules.problems(Draft("Hello", needed(rules)))]
    assert codes == (["media_required"] if rules.media_required else [])


# Files --------------------------------------------------------------------------------------------------------------


def file(kind: MediaKind, **fields: Any) -> Medium:
    """A small file that every platform takes that takes the kind."""
    types = {MediaKind.IMAGE: "image/jpeg", MediaKind.GIF: "image/gif", MediaKind.VIDEO: "video/mp4"}
    moves = {} if kind == MediaKind.IMAGE else {"duration": 10, "frames": 250, "frame_rate": 25}
    values = {"type": types[kind], "size": 1000, "width": 640, "height": 480, **moves, **fields}
    return Medium(id=uuid4(), kind=kind, **values)


def about_files(rules: Rules, *media: Medium) -> list[tuple[str, str]]:
    found = rules.problems(Draft("Hello", needed(rules), media=media))
    assert all(problem.details["platform"] == rules.name and rules.label in problem.message for problem in found)
    return [(problem.code, problem.field) for problem in found]


@each_platform
@pytest.mark.parametrize("kind", MediaKind)
def test_it_takes_as_many_files_of_a_kind_as_it_says(rules: Rules, kind: MediaKind) -> None:
    assert rules.media
    most = rules.media.most(kind)
    if most == 0:
        assert ("media_kind_not_supported", "/media_ids/0") in about_files(rules, file(kind))
        return
    assert about_files(rules, *(file(kind) for _ in range(most))) == []
    assert ("too_many_media", "/media_ids") in about_files(rules, *(file(kind) for _ in range(most + 1)))


@each_platform
def test_it_takes_kinds_together_only_where_it_says_so(rules: Rules) -> None:
    assert rules.media
    kinds = [kind for kind in MediaKind if rules.media.most(kind)]
    found = about_files(rules, *(file(kind) for kind in kinds))
    assert (("media_mixed", "/media_ids") in found) == (len(kinds) > 1 and found != [])
    assert found == [] or not rules.media.together or rules.name == "mastodon"


@each_platform
@pytest.mark.parametrize("kind", MediaKind)
def test_it_takes_a_file_of_just_the_limit_and_refuses_one_byte_more(rules: Rules, kind: MediaKind) -> None:
    assert rules.media
    most = rules.media.most_bytes(kind)
    if not most or not rules.media.most(kind):
        return
    draft = Draft("Hello", needed(rules), media=(file(kind, size=most + 1),))

    assert about_files(rules, file(kind, size=most)) == []
    (problem,) = rules.problems(draft)

    assert (problem.code, problem.field) == ("media_too_large", "/media_ids/0")
    assert problem.details == {"platform": rules.name, "count": most + 1, "limit": most, "unit": "bytes"}


@each_platform
def test_it_takes_a_video_as_long_as_it_says_and_no_longer(rules: Rules) -> None:
    assert rules.media
    limits = rules.media
    shortest, longest = limits.shortest or 0.1, limits.longest or 10**6
    assert about_files(rules, file(MediaKind.VIDEO, duration=shortest)) == []
    assert about_files(rules, file(MediaKind.VIDEO, duration=longest)) == []
    if limits.longest:
        found = about_files(rules, file(MediaKind.VIDEO, duration=longest + 0.1))
        assert found == [("media_too_long", "/media_ids/0")]
    if limits.shortest:
        found = about_files(rules, file(MediaKind.VIDEO, duration=shortest - 0.1))
        assert found == [("media_too_short", "/media_ids/0")]


@each_platform
def test_it_names_the_file_that_is_wrong(rules: Rules) -> None:
    assert rules.media
    kind = MediaKind.IMAGE if rules.media.images else MediaKind.VIDEO
    odd = file(MediaKind.VIDEO, type="video/x-matroska")
    assert ("media_type_not_supported", "/media_ids/0") in about_files(rules, odd)
    if rules.media.alt_text:
        long = file(kind, alt_text="a" * (rules.media.alt_text + 1))
        fine = file(kind, alt_text="a" * rules.media.alt_text)
        (one, other) = (fine, long) if rules.media.most(kind) > 1 else (long, long)
        assert about_files(rules, one, other)[-1] == ("alt_text_too_long", "/media_ids/1")


@each_platform
def test_it_brings_images_to_its_size_rather_than_refusing_them(rules: Rules) -> None:
    assert rules.media
    if not rules.media.images:
        return
    small, large = file(MediaKind.IMAGE), file(MediaKind.IMAGE, size=rules.media.image_bytes + 1)
    odd = file(MediaKind.IMAGE, type="image/tiff")
    draft = Draft("Hello", needed(rules), media=(small, large, odd))

    assert about_files(rules, large) == about_files(rules, odd) == []
    as_it_is, smaller, other = rules.media_notes(draft)

    assert [note.medium for note in (as_it_is, smaller, other)] == [small, large, odd]
    assert [note.as_it_is for note in (as_it_is, smaller, other)] == [True, False, False]
    assert f"{rules.media.image_bytes:,}" in smaller.message
    assert "image/tiff" in other.message


@each_platform
def test_it_needs_no_words_beside_a_file(rules: Rules) -> None:
    assert rules.media
    kind = MediaKind.IMAGE if rules.media.images else MediaKind.VIDEO
    assert rules.problems(Draft("", needed(rules), media=(file(kind),))) == []


# Threads ------------------------------------------------------------------------------------------------------------


@each_platform
def test_it_takes_a_thread_only_where_it_can_be_published(rules: Rules) -> None:
    assert rules.media
    kind = MediaKind.IMAGE if rules.media.images else MediaKind.VIDEO
    parts = [Draft("Hello", needed(rules), media=(file(kind),), source=source) for source in range(MOST_PARTS)]
    codes = [(problem.code, problem.field) for problem in rules.problems(*parts)]
    assert codes == ([] if rules.threads else [("thread_not_supported", "/thread")])
    if rules.threads:
        (problem,) = rules.problems(*parts, parts[-1])
        assert (problem.code, problem.field) == ("thread_too_long", "/thread")


@each_platform
def test_it_says_in_which_part_of_a_thread_something_is_wrong(rules: Rules) -> None:
    first, third = Draft("Hello", needed(rules)), Draft("a" * (rules.text_limit + 1), needed(rules), source=2)
    found = [(problem.code, problem.field) for problem in rules.problems(first, Draft("Two", source=1), third)]
    assert ("text_too_long", "/thread/1/content") in found
    assert ("media_required", "/thread/0/media_ids") in found or not rules.media_required


@each_platform
def test_it_asks_for_settings_once_in_a_thread(rules: Rules) -> None:
    found = [problem.code for problem in rules.problems(*(Draft("Hello", source=number) for number in range(3)))]
    assert found.count("setting_required") == len(needed(rules))


# Any text -----------------------------------------------------------------------------------------------------------


@each_platform
def test_it_counts_any_string(rules: Rules) -> None:
    dice = random.Random(rules.name)
    for _ in range(1000):
        text = "".join(dice.choice(PIECES) for _ in range(dice.randint(0, 30)))
        count = rules.count(text)
        assert count >= 0
        assert (count > rules.text_limit) == ("text_too_long" in limits_of(rules, text)) or not text.strip()
        rules.problems(Draft(text))


@each_platform
def test_it_counts_a_longer_text_as_no_shorter(rules: Rules) -> None:
    dice = random.Random(rules.name)
    for _ in range(300):
        text = " ".join(dice.choice(PIECES) for _ in range(dice.randint(0, 30)))
        assert rules.count(text + " and more") > rules.count(text)


@each_platform
@pytest.mark.parametrize("piece", FLOODS, ids=ascii)
def test_it_counts_a_megabyte_of_anything_in_linear_time(rules: Rules, piece: str) -> None:
    # The slowest takes half a second. What is not linear takes minutes.
    for text in (filled(piece), "a.co/" + filled(piece) + ".com"):
        started = time.process_time()
        rules.count(text)
        assert time.process_time() - started < 4


@each_platform
@pytest.mark.parametrize("piece", FLOODS, ids=ascii)
def test_it_looks_for_warnings_in_linear_time(rules: Rules, piece: str) -> None:
    text = filled(piece)
    started = time.process_time()
    rules.warnings(Draft(text))
    assert time.process_time() - started < 4


@each_platform
def test_it_refuses_wrong_values_of_its_settings(rules: Rules) -> None:
    no_good: tuple[object, ...] = (None, 7, {}, [7], "", " ", "no such value\0", [""], ["\0"])
    for setting in rules.settings:
        for wrong in no_good:
            assert setting.check(wrong), (setting.name, wrong)


def test_it_finds_platforms_by_name_and_alias() -> None:
    names = ("twitter", "bluesky", "instagram", "youtube", "tiktok", "threads", "facebook", "linkedin", "mastodon")
    assert names == NAMES
    assert all(by_name(name) is PLATFORMS[name] for name in NAMES)
    assert by_name("x") is PLATFORMS["twitter"]
    assert by_name("X") is None
    assert by_name("myspace") is None


def test_it_gives_no_name_twice() -> None:
    spoken = [name for rules in PLATFORMS.values() for name in (rules.name, *rules.aliases)]
    assert len(spoken) == len(set(spoken))


@pytest.mark.parametrize(
    ("platform", "names"),
    [
        ("twitter", ["who_can_reply"]),
        ("instagram", ["post_type", "collaborators"]),
        ("youtube", ["title", "privacy", "made_for_kids", "youtube_tags", "thumbnail_url"]),
        ("tiktok", ["tiktok_title", "privacy_level", "allow_duet", "allow_stitch", "allow_comment"]),
    ],
)
def test_it_offers_the_settings_of_the_reference(platform: str, names: list[str]) -> None:
    """Each platform may have more; a client that knows the reference alone never sends them."""
    assert [setting.name for setting in PLATFORMS[platform].settings if setting.name in names] == names


@pytest.mark.parametrize(
    ("platform", "setting", "values"),
    [
        ("twitter", "who_can_reply", ["everyone", "following", "mentionedUsers", "subscribers", "verified"]),
        ("instagram", "post_type", ["post", "story", "reel"]),
        ("instagram", "collaborators", [["somebody"], []]),
        ("youtube", "title", ["A title", "t" * 100]),
        ("youtube", "privacy", ["public", "private", "unlisted"]),
        ("youtube", "made_for_kids", [True, False]),
        ("youtube", "youtube_tags", [["one", "two"], []]),
        ("youtube", "thumbnail_url", ["https://example.com/a.png"]),
        ("tiktok", "tiktok_title", ["A title", "t" * 2200, "😀" * 1100]),
        ("tiktok", "privacy_level", ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]),
        ("tiktok", "allow_duet", [True, False]),
        ("tiktok", "allow_stitch", [True, False]),
        ("tiktok", "allow_comment", [True, False]),
    ],
)
def test_it_takes_every_value_of_the_reference(platform: str, setting: str, values: list[object]) -> None:
    (found,) = (each for each in PLATFORMS[platform].settings if each.name == setting)
    assert [found.check(value) for value in values] == [""] * len(values)


def test_it_costs_a_web_process_little() -> None:
    heavy = "{'django', 'atproto', 'tweepy', 'requests', 'httpx', 'twitter_text', 'pkg_resources'}"
    code = f"import sys, integrations.platforms.registry; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_it_names_a_platform_only_in_its_folder_and_the_registry() -> None:
    """The touch test: how many places know of one platform."""
    rooms = [PROJECT / room for room in ("openpost", "integrations", "posts", "publishing", "templates")]
    files = [file for room in rooms for ending in ("*.py", "*.html", "*.js") for file in room.rglob(ending)]
    touched = {
        str(file.relative_to(PROJECT))
        for file in files
        if "mastodon" in file.read_text().lower() and PLATFORMS_FOLDER / "mastodon" not in file.parents
    }
    assert touched == {"integrations/platforms/registry.py"}


@pytest.mark.parametrize("rules", PLATFORMS.values(), ids=lambda rules: rules.name)
def test_its_mark_can_be_read(rules: Rules) -> None:
    assert re.fullmatch("#[0-9a-f]{6}", rules.colour)
    assert contrast(rules.colour, "#ffffff") >= 4.5
