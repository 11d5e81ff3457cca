"""A running OpenPost, a real Chromium, and people who are signed in. How to write a story: __init__.py."""

from collections.abc import Callable, Generator, Iterator
from functools import cache
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import HOME
from tests.peers.pds import pds, require
from tests.system.running import seed, stack
from tests.system.seeding import Seeder
from tests.system.stack import Program, Stack

from . import chromium, seeds
from .looks import PATIENCE, open_context
from .seeds import Team
from .watch import watch
from .world import World, make_world

__all__ = ["pds", "seed", "stack"]

#: What a story that failed saw last.
EVIDENCE = HOME / "browser"
_failed = pytest.StashKey[bool]()

expect.set_options(timeout=PATIENCE)


# Of a package, not of a session: while Playwright's loop runs in this thread, Django refuses other tests the database.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:
        running = chromium.launch(playwright)
        yield running
        running.close()


@pytest.fixture
def team(seed: Seeder) -> Team:
    """A sandbox workspace of this story alone, with one person per role."""
    return seed(seeds.team, "Acme")


@pytest.fixture
def program(stack: Stack, team: Team) -> Program:
    """A program with a key of the team's workspace: for what a story finds, and for what became of what it did."""
    return Program(stack.url, team.key)


@pytest.fixture(scope="package")
def world(stack: Stack, seed: Seeder) -> World:
    """A workspace with a post in every state, to be looked at: a story that changes anything takes `team`."""
    return make_world(stack, seed)


@pytest.fixture
def visit(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """`visit(team.sessions["editor"], "/admin/", look="phone")` gives the page that somebody sees in their browser."""
    contexts, faults = [], []

    def visit(session: str = "", path: str = "", *, look: str = "light") -> Page:
        context = open_context(browser, stack.url, session=session, look=look)
        contexts.append(context)
        faults.append(watch(context, urlsplit(stack.url).netloc))
        page = context.new_page()
        if path:
            page.goto(path)
        return page

    yield visit
    if request.node.stash.get(_failed, False):
        for number, page in enumerate(page for context in contexts for page in context.pages):
            page.screenshot(path=EVIDENCE / f"{request.node.name}-{number}.png", full_page=True)
    for context in contexts:
        context.close()
    found = [fault for of_context in faults for fault in of_context]
    assert not found, "\n".join(found)


@pytest.fixture
def page(visit: Callable[..., Page], team: Team) -> Page:
    """The browser of the team's owner."""
    return visit(team.sessions["owner"])


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker("browser")


_missing = cache(chromium.missing)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Before any fixture: no process is started for a story that cannot be played."""
    require(_missing())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_failed] = report.failed
    return report
