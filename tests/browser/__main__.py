"""`make screenshots`: every screen of the table, in light, dark and on a phone, as pictures in a folder."""

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Error, sync_playwright

from tests.conftest import PROJECT  # it chooses the servers, too
from tests.system.seeding import Seeder
from tests.system.stack import Stack

from . import chromium
from .chromium import say
from .looks import LOOKS, open_context
from .screens import SCREENS, Screen
from .world import World, make_world

#: Most pictures are for a look, and are not kept in the repository.
FOLDER = PROJECT / ".openpost" / "screenshots"
#: The README's are: those that stand here are made anew with the others. One more is chosen by copying it here.
CHOSEN = PROJECT / "docs" / "screenshots"
#: A picture of so many colours is a third as large, and looks the same.
COLOURS = 256


#: Pixels. A page that is higher is cut off there.
HIGHEST = 3000


def main() -> None:
    options = _options()
    if why := chromium.missing():
        raise SystemExit(f"screenshots: {why}")
    wanted = [(look, screen) for look in options.look or LOOKS for screen in SCREENS if options.only in screen.name]
    options.folder.mkdir(parents=True, exist_ok=True)
    begun, failures = time.monotonic(), 0
    say("screenshots: starting OpenPost, and making posts in every state …\n")
    with _running() as (url, world), sync_playwright() as playwright, chromium.launch(playwright) as browser:
        for look, screen in wanted:
            try:
                picture = _smaller(take(screen, look, world, browser, url))
            except (AssertionError, Error) as error:
                failures += 1
                say(f"  NOT {screen.name}, {look}: {error}\n")
                continue
            say(f"  {_keep(picture, f'{screen.name}-{look}.png', options.folder)} ({len(picture) // 1024} KiB)\n")
    say(f"screenshots: {len(wanted) - failures} in {options.folder} after {time.monotonic() - begun:.0f} s\n")
    sys.exit(1 if failures else 0)


@contextmanager
def _running() -> Iterator[tuple[str, World]]:
    """This will give the address of a running OpenPost, and what there is to see."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        try:
            stack.start()
            with Seeder(stack.environ) as seed:
                world = make_world(stack, seed)
            yield stack.url, world
        finally:
            stack.stop()


def take(screen: Screen, look: str, world: World, browser: Browser, url: str) -> bytes:
    """This will give a picture of the screen as on a display that is high enough for all of it."""
    with open_context(browser, url, session=world.sessions[screen.who], look=look) as context:
        page = context.new_page()
        screen.show(page, world)
        page.wait_for_load_state("networkidle")
        width, height = LOOKS[look]["viewport"].values()
        needed = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": min(max(height, needed), HIGHEST)})
        return page.screenshot(animations="disabled")


def _keep(picture: bytes, name: str, folder: Path) -> str:
    (folder / name).write_bytes(picture)
    if folder == FOLDER and (CHOSEN / name).exists():
        (CHOSEN / name).write_bytes(picture)
    return name


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
