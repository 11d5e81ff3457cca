"""Accounts and keys: connecting says what it wants, letting go says what still waits, a key is copied once."""

from playwright.sync_api import Page, expect

from tests import builders
from tests.system.stack import Program


def test_letting_go_of_an_account_says_what_still_waits_for_it(page: Page, program: Program) -> None:
    body = {"content": "Still to come", "platforms": ["mastodon"], "schedule_at": builders.iso(builders.soon(days=1))}
    program.call("POST", "/v1/posts", body, status=201)
    (account,) = [one for one in program.call("GET", "/v1/integrations", status=200) if one["platform"] == "mastodon"]
    page.goto(f"/admin/integrations/integration/{account['id']}/change/")
    page.get_by_role("link", name="Disconnect").click()
    expect(page.get_by_text("One post still waits for it")).to_be_visible()
    expect(page.get_by_role("link", name="Still to come")).to_be_visible()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Posts that wait for it: 1")).to_be_visible()
    assert program.call("GET", f"/v1/integrations/{account['id']}", status=200)["status"] == "disconnected"


def test_a_sandbox_workspace_says_that_there_is_nothing_to_connect(page: Page) -> None:
    page.goto("/admin/integrations/integration/")
    page.get_by_role("link", name="Connect an account").click()
    expect(page.get_by_text("comes with its accounts")).to_be_visible()


def test_a_new_key_is_shown_once_and_works_when_it_is_copied(page: Page, program: Program) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/admin/integrations/apikey/add/")
    page.get_by_label("Name").fill("Website")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    key = page.evaluate("navigator.clipboard.readText()")
    assert Program(program.url, key).call("GET", "/v1/posts", status=200) == []
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text("Website")).to_be_visible()
    expect(page.get_by_text(key)).to_have_count(0)
