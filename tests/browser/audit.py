"""Whether everybody can use a page, as far as axe-core and a ruler can tell."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from .looks import LOOKS

GRAVE = ("serious", "critical")
#: Colours that are on their way to others have any contrast.
AT_ONCE = "*, ::before, ::after { transition: none !important; animation: none !important }"


def audit(page: Page) -> None:
    """This will fail with a sentence for each serious or critical finding on the page as it stands.

    It looks at the page as it is, then in the theme's dark colours and at a phone's width, and leaves it like that.
    """
    page.add_style_tag(content=AT_ONCE)
    found = findings(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate("document.documentElement.classList.add('dark')")  # as the theme does while it loads
    found += [f"in dark: {one}" for one in findings(page, runOnly=["color-contrast"])]
    page.set_viewport_size(LOOKS["phone"]["viewport"])
    # The colours are the same there, and take axe-core as long as everything else.
    found += [f"on a phone: {one}" for one in findings(page, rules={"color-contrast": {"enabled": False}})]
    found += sticks_out(page)
    assert not found, f"{page.url}\n" + "\n".join(dict.fromkeys(found))


def findings(page: Page, **options: Any) -> list[str]:
    """What axe-core finds serious or critical: which rule, which element, and why. The options are axe-core's."""
    violations = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    grave = [violation for violation in violations if violation["impact"] in GRAVE]
    return [_sentence(violation, node) for violation in grave for node in violation["nodes"]]


def _sentence(violation: dict[str, Any], node: dict[str, Any]) -> str:
    why = "; ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))
    return f"{violation['impact']} {violation['id']}: {node['html'][:200]}\n    {why}"


def sticks_out(page: Page) -> list[str]:
    """A sentence if the whole page must be moved sideways to be read, which no table's own scrolling is."""
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [f"the page is {wide} px wide, and {seen} px are seen"] if wide > seen else []
