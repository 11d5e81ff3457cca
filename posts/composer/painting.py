"""A text in its colours, as the preview shows it. What is shown is escaped by the template: these are plain strings."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from integrations.platforms.base import Facet

#: Characters of one part that are shown: nobody reads a preview further.
MOST = 5000
# What most networks find for themselves. It only paints: what is sent does not ask this.
_FOUND = re.compile(
    r"(?P<link>https?://[^\s<>\"]+[^\s<>\".,;:!?)])|(?<![\w@/])(?P<mention>@[\w.-]*\w(?:@[\w.-]+\w)?)"
    r"|(?<![\w&/])(?P<tag>#\w*[^\W\d]\w*)"
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of text; `kind` is `link`, `mention`, `tag`, or "" for plain words."""

    text: str
    kind: str = ""


def painted(text: str, facets: Sequence[Facet]) -> list[Stretch]:
    """This will cut a text at its links, mentions and tags: those the rules declare, else those people would expect."""
    shown = text[:MOST]
    spans = _declared(shown, facets) if facets else _expected(shown)
    stretches, position = [], 0
    for start, end, kind in spans:
        stretches += [Stretch(shown[position:start]), Stretch(shown[start:end], kind)]
        position = end
    rest = shown[position:] + ("…" if len(text) > MOST else "")
    return [one for one in (*stretches, Stretch(rest)) if one.text]


def first_link(text: str, facets: Iterable[Facet]) -> str:
    """This will give the address of the text's first link; "" where there is none."""
    declared = next((facet.value for facet in facets if facet.kind == "link"), "")
    return declared or next((found["link"] for found in _FOUND.finditer(text[:MOST]) if found["link"]), "")


def _declared(text: str, facets: Sequence[Facet]) -> Iterator[tuple[int, int, str]]:
    """Facets count UTF-8 bytes."""
    raw, size = text.encode("utf-8", "surrogatepass"), 0
    characters = 0
    for facet in sorted(facets, key=lambda one: one.start):
        if facet.start < size or facet.end > len(raw):
            continue
        start = characters + len(raw[size : facet.start].decode("utf-8", "surrogatepass"))
        end = start + len(raw[facet.start : facet.end].decode("utf-8", "surrogatepass"))
        yield start, end, facet.kind
        size, characters = facet.end, end


def _expected(text: str) -> Iterator[tuple[int, int, str]]:
    return ((found.start(), found.end(), found.lastgroup or "") for found in _FOUND.finditer(text))
