"""The calendar: posts are dragged to another day, or moved with the keyboard; a click on a day opens the composer."""

import re
from datetime import datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from tests import builders
from tests.system.stack import Program


def scheduled(program: Program, at: datetime) -> str:
    body = {"content": "The old mill", "platforms": ["twitter"], "schedule_at": builders.iso(at)}
    post_id: str = program.call("POST", "/v1/posts", body, status=201)["id"]
    return post_id


def at_of(program: Program, post: str) -> datetime:
    return datetime.fromisoformat(program.call("GET", f"/v1/posts/{post}", status=200)["scheduled_at"])


def day(page: Page, at: datetime) -> Locator:
    return page.locator(f'section[data-day="{at:%Y-%m-%d}"]')


def middle_of_next_month() -> datetime:
    """All days about it are in the future, and on one page."""
    first = (builders.soon().replace(day=1) + timedelta(days=32)).replace(day=14)
    return first.replace(hour=12, minute=30, second=0, microsecond=0)


def test_a_post_is_dragged_to_another_day_and_back_by_undo(page: Page, program: Program) -> None:
    at = middle_of_next_month()
    post, later = scheduled(program, at), at + timedelta(days=2)
    page.goto(f"/admin/calendar/?day={at:%Y-%m-%d}")
    entry = page.get_by_role("link", name="The old mill")
    entry.drag_to(day(page, later))
    expect(page.get_by_role("status")).to_contain_text(f"{later:%A, %d %B}")
    expect(day(page, later)).to_contain_text("The old mill")
    assert at_of(program, post) == later
    page.get_by_role("button", name="Undo").click()
    expect(day(page, at)).to_contain_text("The old mill")
    assert at_of(program, post) == at


def test_a_post_is_moved_with_the_keyboard(page: Page, program: Program) -> None:
    at = middle_of_next_month()
    post = scheduled(program, at)
    page.goto(f"/admin/calendar/?day={at:%Y-%m-%d}")
    entry = page.get_by_role("link", name="The old mill")
    entry.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(day(page, at + timedelta(days=7))).to_contain_text("The old mill")
    expect(entry).to_be_focused()
    assert at_of(program, post) == at + timedelta(days=7)


def test_a_click_on_a_day_opens_the_composer_at_that_time(page: Page) -> None:
    at = middle_of_next_month()
    page.goto(f"/admin/calendar/?day={at:%Y-%m-%d}")
    page.get_by_role("link", name=f"Write a post for {at:%B} {at.day}").or_(
        page.get_by_role("link", name=f"Write a post for {at.day} {at:%B}")
    ).click()
    expect(page).to_have_url(re.compile("/admin/posts/post/add/"))
    expect(page.locator(f'input[type="date"][value="{at:%Y-%m-%d}"]')).to_have_count(1)


def test_a_phone_shows_the_days_that_hold_something(page: Page, program: Program) -> None:
    at = middle_of_next_month()
    scheduled(program, at)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/admin/calendar/?day={at:%Y-%m-%d}")
    expect(day(page, at)).to_be_visible()
    expect(day(page, at + timedelta(days=1))).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
