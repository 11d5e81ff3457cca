"""A post's page while it happens: nobody reloads it, and what somebody types into it is not lost."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.system.seeding import Seeder
from tests.system.stack import Program

from . import seeds
from .seeds import Team
from .world import World


def made(program: Program, text: str, *, at: datetime | None = None) -> str:
    """The page of a post that is due now, unless it is a draft."""
    body = {"content": text, "platforms": ["twitter"], **({"schedule_at": at.isoformat()} if at else {})}
    post_id: str = program.call("POST", "/v1/posts", body, status=201)["id"]
    return page_of(post_id)


def page_of(post_id: str) -> str:
    return f"/admin/posts/post/{post_id}/change/"


def how_far(page: Page) -> Locator:
    return page.get_by_role("region", name="How far it is")


def badge(page: Page, word: str) -> Locator:
    return how_far(page).locator(".op-badge").filter(has_text=word)


def text(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text", exact=True)


@contextmanager
def the_same_page(page: Page) -> Iterator[None]:
    """What happens meanwhile happens without a reload."""
    page.evaluate("window.theSame = true")
    yield
    assert page.evaluate("window.theSame")


def test_a_failure_counts_down_to_its_next_try_and_then_goes_live(page: Page, program: Program) -> None:
    page.goto(made(program, "Not at once #sandbox-ratelimit", at=datetime.now(UTC)))
    expect(how_far(page).get_by_text(re.compile(r"Next try\s+0:0\d"))).to_be_visible()
    expect(how_far(page).get_by_text("Platform", exact=True)).to_be_visible()
    # Until then it could be written to; the page exchanges its form by itself.
    expect(badge(page, "Live")).to_be_visible()


def test_what_failed_is_retried_and_seen_to_go_live(page: Page, program: Program) -> None:
    page.goto(made(program, "Try me twice #sandbox-reject", at=datetime.now(UTC)))
    failed = badge(page, "Failed")
    expect(failed).to_be_visible()
    page.reload()  # it may have been written to when it was opened
    with the_same_page(page):
        page.get_by_role("button", name="Retry failed").click()
        expect(how_far(page).get_by_text("What failed is tried again")).to_be_visible()
        expect(badge(page, "Live")).to_be_visible()
        happened = page.get_by_role("region", name="What happened")
        expect(happened.get_by_text("Published again", exact=True)).to_be_visible()


def test_an_outcome_that_nobody_knows_is_told(page: Page, seed: Seeder, team: Team) -> None:
    page.goto(page_of(seed(seeds.unknown, team.workspace, content="Is it there?")))
    with the_same_page(page):
        page.get_by_text("It is live …").click()
        page.get_by_label("Its address there").fill("https://x.com/us/status/1790001")
        page.get_by_role("button", name="It is live there").click()
        expect(how_far(page).get_by_text("It is recorded as live.")).to_be_visible()
        expect(how_far(page).get_by_role("link", name="https://x.com/us/status/1790001")).to_be_visible()


def test_what_was_typed_survives_a_closed_tab(page: Page, program: Program) -> None:
    address = made(program, "Hello")
    page.goto(address)
    text(page).fill("Hello, and what I thought of on the train")
    page.goto("/admin/")  # at once: nothing has been kept yet
    page.goto(address)
    expect(page.get_by_text("You have unsaved changes from")).to_be_visible()
    expect(text(page)).to_have_value("Hello")
    page.get_by_role("link", name="Take them up").click()
    expect(text(page)).to_have_value("Hello, and what I thought of on the train")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()
    expect(page.get_by_text("unsaved changes")).to_have_count(0)
    expect(text(page)).to_have_value("Hello, and what I thought of on the train")


def test_of_two_people_who_edit_one_post_nobody_loses_a_word(
    visit: Callable[..., Page], program: Program, team: Team
) -> None:
    address = made(program, "We open at nine")
    ada, chika = visit(team.sessions["owner"]), visit(team.sessions["editor"])
    for page in (ada, chika):
        page.goto(address)
    text(ada).fill("We open at eight")
    expect(ada.get_by_text("Kept, not saved")).to_be_visible()
    text(chika).fill("We open at ten")
    expect(chika.get_by_text("Ada is editing this post too.")).to_be_visible()
    ada.get_by_role("button", name="Save draft").click()
    expect(ada.get_by_text("Saved as a draft.")).to_be_visible()

    chika.get_by_role("button", name="Save draft").click()

    both = chika.get_by_role("region", name=re.compile("changed this post"))
    expect(both.get_by_role("cell", name="We open at eight")).to_be_visible()
    expect(both.get_by_role("cell", name="We open at ten")).to_be_visible()
    expect(text(chika)).to_have_value("We open at ten")
    text(chika).fill("We open at eight, on Sundays at ten")
    chika.get_by_role("button", name="Save draft").click()
    expect(chika.get_by_text("Saved as a draft.")).to_be_visible()
    ada.reload()
    expect(text(ada)).to_have_value("We open at eight, on Sundays at ten")


def test_what_somebody_types_when_its_time_comes_is_offered_for_a_new_post(page: Page, program: Program) -> None:
    address = made(program, "As it was", at=datetime.now(UTC) + timedelta(hours=1))
    page.goto(address)
    text(page).fill("As it should have been")
    program.call("POST", f"/v1/posts/{address.split('/')[4]}/publish", status=202)
    expect(page.get_by_text("This post can no longer be changed.")).to_be_visible()
    expect(text(page)).to_have_count(0)
    page.get_by_role("link", name="Take them up in a new post").click()
    expect(text(page)).to_have_value("As it should have been")


def test_a_stranger_gets_nowhere(world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.sessions["newcomer"])
    for part in ("change/", "live/", "delete/", "history/"):
        page.goto(f"/admin/posts/post/{world.ids['draft']}/{part}")
        expect(page.get_by_text("Behind the scenes")).to_have_count(0)
    page.goto(f"/admin/posts/post/add/?workspace={world.ids['workspace']}")
    expect(page).not_to_have_url(re.compile(world.ids["workspace"]))  # led to their own
    page.goto("/admin/calendar/")
    expect(page.get_by_text("Nothing goes out in these days.")).to_be_visible()


def test_what_is_out_is_shown_as_each_network_shows_it(world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.sessions["viewer"], page_of(world.ids["published"]))
    went_out = page.get_by_role("region", name="As it went out")
    expect(went_out.get_by_role("article")).to_have_count(3)
    expect(went_out.get_by_role("article", name="Sandbox X on X")).to_contain_text("We are open!")
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_count(0)
