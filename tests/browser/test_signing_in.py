"""In by the door, out by the door, and nowhere without."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.system.stack import Stack


def test_somebody_signs_in_and_out(visit: Callable[..., Page], stack: Stack) -> None:
    page = visit(path="/admin/posts/post/")
    page.get_by_label("Username").fill(stack.facts["OP_ADMIN_USER"])
    page.get_by_label("Password").fill(stack.facts["OP_ADMIN_PASSWORD"])
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Posts", level=1)).to_be_visible()
    page.get_by_text(stack.facts["OP_ADMIN_USER"], exact=True).click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("Logged out", exact=False)).to_be_visible()
    page.goto("/admin/posts/post/")
    expect(page.get_by_label("Password")).to_be_visible()


def test_a_wrong_password_leads_nowhere(visit: Callable[..., Page], stack: Stack) -> None:
    page = visit(path="/admin/")
    page.get_by_label("Username").fill(stack.facts["OP_ADMIN_USER"])
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Please enter the correct username and password")).to_be_visible()
    page.goto("/admin/posts/post/")
    expect(page.get_by_label("Password")).to_be_visible()
