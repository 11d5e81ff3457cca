"""Lengths that several platforms share. Each takes any `str`, lone surrogates included, in linear time."""

import regex

# An extended grapheme cluster: what a reader takes for one character. The first half says nothing that `\X` does not;
# it is there because `\X` alone looks back over all the flags before it and takes minutes over a megabyte of them.
# https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries
GRAPHEME = regex.compile(r"\p{RI}{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*+|\X")


def graphemes(text: str) -> int:
    """How many characters a reader sees."""
    return sum(1 for _ in GRAPHEME.finditer(text))


def utf8_bytes(text: str) -> int:
    """How many bytes `text` has on the wire."""
    return len(text.encode("utf-8", "surrogatepass"))


def utf16_units(text: str) -> int:
    """The length JavaScript and Java give: two for a character beyond U+FFFF."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
