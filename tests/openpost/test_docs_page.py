"""/docs: all of the description, with nothing from another host and no script."""

import re
from html.parser import HTMLParser
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from .described import document, operations


class Page(HTMLParser):
    """What a browser would make of the page: its tags and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, name: str) -> list[str]:
        return [value or "" for _, attributes in self.tags for key, value in attributes.items() if key == name]


def page() -> Page:
    return Page(Client().get("/docs").content.decode())


def test_it_shows_every_call_and_every_object() -> None:
    ids = set(page().all("id"))

    assert {operation["operationId"] for *_, operation in operations()} <= ids
    assert set(document()["components"]["schemas"]) <= ids


def test_its_links_lead_somewhere() -> None:
    found = page()

    assert {link[1:] for link in found.all("href") if link.startswith("#")} <= set(found.all("id"))
    assert len(set(found.all("id"))) == len(found.all("id"))


def test_it_asks_no_other_host_for_anything_and_runs_nothing() -> None:
    found = page()

    assert {tag for tag, _ in found.tags} & {"script", "style", "iframe", "object", "embed", "img"} == set()
    assert found.all("src") == found.all("style") == []
    assert [name for _, attributes in found.tags for name in attributes if name.startswith("on")] == []
    assert [attributes["href"] for tag, attributes in found.tags if tag == "link"] == ["/static/openpost/docs.css"]
    (style,) = finders.find("openpost/docs.css", find_all=True)
    assert re.findall(r"url\(|@import|//", Path(style).read_text()) == []


def test_its_policy_allows_its_style_and_no_more() -> None:
    answer = Client().get("/docs")

    assert answer["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_it_can_be_kept() -> None:
    answer = Client().get("/docs")

    assert Client().get("/docs", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert len(Client().get("/docs", headers={"Accept-Encoding": "gzip"}).content) < 30_000
