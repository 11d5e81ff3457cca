"""An account is connected, and a post goes out through it: on a real Bluesky server, as staff do it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.peers.pds import Pds
from tests.system.seeding import Seeder

from . import seeds


def test_an_account_is_connected_and_a_post_is_live_there(visit: Callable[..., Page], seed: Seeder, pds: Pds) -> None:
    person, team = pds.create_account(), seed(seeds.team, "Real", "live")
    page = visit(team.sessions["owner"], f"/admin/integrations/integration/connect/?workspace={team.workspace.id}")
    page.get_by_role("link", name="Connect Bluesky").click()
    page.get_by_label("Handle").fill(person.handle)
    page.get_by_label("The account's own server").fill(pds.base_url)
    page.get_by_label("App password").fill("wrong-wrong-wrong-wron")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("App password").fill(person.app_password)
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("OpenPost can publish to it from now on.")).to_be_visible()

    page.goto(f"/admin/posts/post/add/?workspace={team.workspace.id}")
    expect(page.get_by_role("checkbox", name=person.handle)).to_be_checked()  # the only one there is
    page.get_by_role("textbox", name="Text", exact=True).fill("Hello from a real account")
    page.get_by_role("button", name="Publish now").click()
    how_far = page.get_by_role("region", name="How far it is")
    expect(how_far.locator(".op-badge").filter(has_text="Live")).to_be_visible()
    assert [one["value"]["text"] for one in pds.list_records(person.did)] == ["Hello from a real account"]
