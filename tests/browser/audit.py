"""Whether everybody can use a page, as far as axe-core sees it."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")


def audit(page: Page) -> None:
    """This will fail with a sentence for each serious or critical finding on the page as it is now."""
    found = findings(page)
    assert not found, f"axe-core on {page.url}:\n" + "\n".join(found)


def findings(page: Page) -> list[str]:
    """What axe-core finds serious or critical: which rule, which element, and why."""
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        _sentence(violation, node)
        for violation in violations
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def _sentence(violation: dict[str, Any], node: dict[str, Any]) -> str:
    why = "; ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))
    return f"  {violation['impact']} {violation['id']}: {node['html'][:200]}\n    {why}"
