"""The list of posts tells the truth at a glance."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .world import World

ROWS = {
    "draft": ("Behind the scenes", "Draft"),
    "scheduled": ("The old mill", "Scheduled"),
    "publishing": ("The band is on stage", "Publishing"),
    "published": ("We are open!", "Published"),
    "failed": ("Free cake", "Failed"),
}


@pytest.mark.parametrize("who", ["owner", "viewer"])
def test_each_post_has_its_badge(who: str, world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.sessions[who], "/admin/posts/post/")
    for text, badge in ROWS.values():
        row = page.get_by_role("row").filter(has_text=text)
        expect(row.get_by_text(badge, exact=True).first).to_be_visible()


def test_another_team_sees_none_of_it(world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.sessions["newcomer"], "/admin/posts/post/")
    expect(page.get_by_role("heading", name="Posts", level=1)).to_be_visible()
    for text, _ in ROWS.values():
        expect(page.get_by_text(text)).to_have_count(0)
    page.goto(f"/admin/posts/post/{world.ids['draft']}/change/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Behind the scenes")).to_have_count(0)
