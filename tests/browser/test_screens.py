"""Every screen of the table: it is there, breaks nothing, and everybody can use it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from .audit import audit
from .screens import SCREENS, Screen
from .world import World


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_everybody_can_use_it(screen: Screen, world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.sessions[screen.who])
    screen.show(page, world)
    audit(page)
