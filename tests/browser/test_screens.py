"""Every screen of the table: it is there, breaks nothing, and everybody can use it. Most of them in `make explore`."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from .audit import audit
from .screens import SCREENS, TYPICAL, Screen
from .world import World

ALL = [
    pytest.param(screen, id=screen.name, marks=() if screen.name in TYPICAL else pytest.mark.exhaustive)
    for screen in SCREENS
]


def test_the_typical_screens_are_of_the_table() -> None:
    assert {screen.name for screen in SCREENS} >= TYPICAL


@pytest.mark.parametrize("screen", ALL)
def test_everybody_can_use_it(screen: Screen, world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.sessions[screen.who])
    screen.show(page, world)
    audit(page)
