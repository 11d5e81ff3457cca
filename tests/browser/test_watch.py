"""What must never happen on a page is noticed when it does."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.system.stack import Stack

from .audit import findings
from .looks import open_context
from .watch import watch

SCRIPT = "document.head.append(Object.assign(document.createElement('script'), {{ {} }}))"


@pytest.fixture
def watched(browser: Browser, stack: Stack) -> Iterator[tuple[Page, list[str]]]:
    context = open_context(browser, stack.url)
    faults = watch(context, stack.url.removeprefix("http://"))
    page = context.new_page()
    page.goto("/admin/login/")
    assert not faults
    yield page, faults
    context.close()


@pytest.mark.parametrize(
    ("done", "noted"),
    [
        pytest.param(SCRIPT.format("src: 'https://example.com/a.js'"), "Content Security Policy", id="foreign script"),
        pytest.param(SCRIPT.format("textContent: 'alert(1)'"), "Content Security Policy", id="script in the page"),
        pytest.param("console.error('oh')", "in the console: oh", id="error in the console"),
        pytest.param("setTimeout(() => { throw new Error('oh') })", "a script broke: oh", id="error of a script"),
        pytest.param(SCRIPT.format("src: '/static/no/such.js'"), "404: GET", id="missing part"),
        pytest.param("location = 'https://example.com/'", "asked another host: https://example.com/", id="other host"),
    ],
)
def test_it_notes(watched: tuple[Page, list[str]], done: str, noted: str) -> None:
    page, faults = watched
    page.evaluate(done)
    give_up = time.monotonic() + 10
    while not any(noted in fault for fault in faults):
        assert time.monotonic() < give_up, faults
        page.wait_for_timeout(20)  # what happens in the browser is heard of only while somebody waits for it


def test_it_finds_what_not_everybody_can_use(watched: tuple[Page, list[str]]) -> None:
    page, _ = watched
    page.evaluate("document.querySelectorAll('label').forEach((label) => label.remove())")
    assert any("label" in sentence for sentence in findings(page))
