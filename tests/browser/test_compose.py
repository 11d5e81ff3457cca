"""Writing a post: the server counts and warns while somebody types, and takes no letter and no caret away."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests import builders

from .audit import audit

ADD = "/admin/posts/post/add/"


def text(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text", exact=True)


def choose(page: Page, *accounts: str) -> None:
    for account in accounts:
        page.get_by_text(account, exact=True).click()


def previews(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Previews")


def test_the_counters_follow_and_an_override_has_its_own(page: Page) -> None:
    page.goto(ADD)
    choose(page, "Sandbox X", "Sandbox Bluesky")
    text(page).press_sequentially("Grüße 👩‍👩‍👧‍👦 to all", delay=5)
    expect(page.get_by_text("14 / 300 graphemes")).to_be_visible()
    expect(page.get_by_text("15 / 280 weighted characters")).to_be_visible()

    page.locator("summary", has_text="Bluesky").click()
    page.get_by_label("Bluesky gets a text of its own").check()
    own = page.get_by_role("textbox", name="Text for Bluesky")
    expect(own).to_have_value("Grüße 👩‍👩‍👧‍👦 to all")
    text(page).press("End")
    text(page).press_sequentially("!")
    expect(own).to_have_value("Grüße 👩‍👩‍👧‍👦 to all!")  # it follows until it differs
    own.fill("x" * 301)
    expect(page.get_by_text("differs from the text above")).to_be_visible()
    expect(page.get_by_text("The text for Bluesky has 301 graphemes; the limit is 300.")).to_be_visible()

    page.get_by_role("button", name="Use the same text again").click()
    expect(page.get_by_text("differs from the text above")).to_be_hidden()
    expect(page.get_by_text("15 / 300 graphemes")).to_be_visible()
    audit(page)


def test_nobody_who_types_loses_a_letter_or_the_caret(page: Page) -> None:
    page.goto(ADD)
    choose(page, "Sandbox X")
    # Slower than the pause after which the server is asked: answers arrive between the letters.
    for word in ("One", " two", " three"):
        text(page).press_sequentially(word, delay=180)
        page.wait_for_timeout(700)
    text(page).press("Home")
    with page.expect_response(re.compile("/preview/")):
        text(page).press_sequentially("Zero ")
    page.wait_for_timeout(200)
    text(page).press_sequentially("and ")
    expect(text(page)).to_have_value("Zero and One two three")
    expect(previews(page).get_by_text("Zero and One two three")).to_be_visible()


def test_a_thread_with_pictures_is_written_and_put_in_order_by_keyboard(page: Page, tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        (tmp_path / name).write_bytes(builders.PNG)
    page.goto(ADD)
    choose(page, "Sandbox Mastodon")
    text(page).fill("The first part")
    page.locator("input[type=file]").first.set_input_files([tmp_path / "one.png", tmp_path / "two.png"])
    page.get_by_role("button", name="Move one.png back").press("Enter")
    page.locator("summary", has_text="two.png").click()
    page.get_by_label("What two.png shows").fill("A red dot")
    page.get_by_label("What two.png shows").press("Tab")
    for words in ("The third", "The second"):
        page.get_by_role("button", name="Add to the thread").press("Enter")
        page.keyboard.type(words)
    page.get_by_role("button", name="Move this part up").last.press("Enter")
    parts = [re.compile(word) for word in ("first", "second", "third")]
    expect(previews(page).locator(".cp-card-part")).to_have_text(parts)
    page.get_by_role("button", name="Save draft").click()

    expect(page.get_by_text("Saved as a draft.")).to_be_visible()
    expect(page.get_by_role("textbox", name=re.compile("next part"))).to_have_count(2)
    assert [box.input_value() for box in page.get_by_role("textbox", name=re.compile("next part")).all()] == [
        "The second",
        "The third",
    ]
    assert [one.get_attribute("alt") for one in page.locator(".cp-file img").all()] == ["A red dot", ""]


def test_what_is_refused_is_said_and_what_was_typed_stays(page: Page) -> None:
    page.goto(ADD)
    choose(page, "Sandbox X")
    text(page).fill("Much too long. " * 30)
    page.get_by_role("button", name="Schedule").click()
    expect(page.get_by_text("It was not scheduled, and nothing was saved.")).to_be_visible()
    expect(text(page)).to_have_value("Much too long. " * 30)
    text(page).fill("Short")
    page.get_by_role("button", name="Next free slot").click()
    page.get_by_role("button", name="Take ").click()
    expect(page.locator("#cp-when time").first).to_contain_text("UTC")
    page.get_by_role("button", name="Schedule").click()
    expect(page.get_by_text(re.compile(r"Scheduled for \w+day, "))).to_be_visible()


def test_it_asks_what_a_skipped_time_means(page: Page) -> None:
    page.goto("/admin/integrations/workspace/")
    page.get_by_role("link", name="Acme").first.click()
    page.locator("[name=timezone]").select_option("Europe/Berlin", force=True)
    page.get_by_role("button", name="Save", exact=True).click()
    year = (datetime.now(UTC) + timedelta(days=200)).year
    page.goto(f"{ADD}?at={_last_sunday_of_march(year):%Y-%m-%d}T02:30")
    expect(page.get_by_label("03:30 CEST")).to_be_visible()
    page.get_by_label("03:30 CEST").check()
    expect(page.locator("#cp-when time").first).to_contain_text("03:30 CEST")


def _last_sunday_of_march(year: int) -> datetime:
    last = datetime(year, 3, 31, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)
