"""From the composer to the platforms, as the person sees it who wrote the post."""

from playwright.sync_api import Page, expect

TEXT = "Grüße 🎉 from the old mill"
ACCOUNTS = ("Sandbox X", "Sandbox Bluesky")


def test_a_post_is_written_and_seen_to_go_live(page: Page) -> None:
    page.goto("/admin/posts/post/add/")
    page.get_by_role("textbox", name="Text", exact=True).fill(TEXT)
    for account in ACCOUNTS:
        page.get_by_text(account, exact=True).click()
        expect(page.get_by_role("checkbox", name=account)).to_be_checked()
    page.get_by_role("button", name="Publish now").click()

    expect(page.get_by_text("It is on its way.")).to_be_visible()
    how_far = page.get_by_role("region", name="How far it is")
    expect(how_far.locator(".op-badge").filter(has_text="Live")).to_have_count(len(ACCOUNTS))
    places = [link.get_attribute("href") or "" for link in how_far.get_by_role("link", name="/sandbox/").all()]
    assert len(places) == len(ACCOUNTS)
    for place in places:
        page.goto(place)
        expect(page.get_by_text(TEXT)).to_be_visible()
        expect(page.get_by_text("once", exact=True)).to_be_visible()
