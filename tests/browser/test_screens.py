"""Every screen of the table, in light and dark and on a phone: no fault, and nothing that somebody cannot use."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from .audit import audit
from .looks import LOOKS
from .screens import SCREENS, Screen
from .world import World


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_everybody_can_use_it(screen: Screen, look: str, world: World, visit: Callable[..., Page]) -> None:
    page = visit(world.sessions[screen.who], look=look)
    screen.show(page, world)
    audit(page)
