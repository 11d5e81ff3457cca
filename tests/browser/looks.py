"""Light, dark and phone: how a browser presents itself, and the one way to a page that is signed in."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "light",
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}
#: Milliseconds for anything that a story waits for: the machine may be busy with the other tests.
PATIENCE = 30_000


def open_context(browser: Browser, url: str, *, session: str = "", look: str = "light") -> BrowserContext:
    """This will open a browser's window of its own at `url`; `session` is the cookie of somebody who is signed in."""
    context = browser.new_context(base_url=url, locale="en-GB", timezone_id="Europe/Berlin", **LOOKS[look])
    context.set_default_timeout(PATIENCE)
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    return context
