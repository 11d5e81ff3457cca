"""`make screenshots`: every screen of the table, in light, dark and on a phone, as pictures in a folder."""

import argparse
import io
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import PROJECT  # it chooses the servers, too
from tests.system.stack import Stack

from . import chromium
from .chromium import say
from .looks import LOOKS, open_context
from .screens import SCREENS, Screen
from .seeding import Seeder
from .world import World, make_world

#: Most pictures are for a look, and are not kept in the repository.
FOLDER = PROJECT / ".openpost" / "screenshots"
#: The README's are: those that stand here are made anew with the others. One more is chosen by copying it here.
CHOSEN = PROJECT / "docs" / "screenshots"
#: A picture of so many colours is a third as large, and looks the same.
COLOURS = 256


def main() -> None:
    options = _options()
    if why := chromium.missing():
        raise SystemExit(f"screenshots: {why}")
    screens = [screen for screen in SCREENS if options.only in screen.name]
    options.folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    say("screenshots: starting OpenPost, and making posts in every state …\n")
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        try:
            stack.start()
            with Seeder(stack.environ) as seed:
                world = make_world(stack, seed)
            with sync_playwright() as playwright, chromium.launch(playwright) as browser:
                for look in options.look or LOOKS:
                    take(screens, look, world, browser, stack.url, options.folder)
        finally:
            stack.stop()
    say(f"screenshots: {options.folder} after {time.monotonic() - begun:.0f} s\n")


def take(screens: Iterable[Screen], look: str, world: World, browser: Browser, url: str, folder: Path) -> None:
    """This will write `<name>-<look>.png` of each screen, the whole page."""
    for screen in screens:
        with open_context(browser, url, session=world.sessions[screen.who], look=look) as context:
            page = context.new_page()
            screen.show(page, world)
            page.wait_for_load_state("networkidle")
            picture = _smaller(page.screenshot(full_page=True, animations="disabled"))
        name = f"{screen.name}-{look}.png"
        (folder / name).write_bytes(picture)
        if folder == FOLDER and (CHOSEN / name).exists():
            (CHOSEN / name).write_bytes(picture)
        say(f"  {name} ({len(picture) // 1024} KiB)\n")


def _smaller(picture: bytes) -> bytes:
    result = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS).save(result, "PNG", optimize=True)
    return result.getvalue()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.browser", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="where to put them")
    parser.add_argument("--only", default="", metavar="TEXT", help="the screens whose name has this in it")
    parser.add_argument("--look", choices=LOOKS, action="append", help="this look only; may be said again")
    return parser.parse_args()


if __name__ == "__main__":
    main()
