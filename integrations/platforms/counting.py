"""Lengths that several platforms share. Each takes any `str`, lone surrogates included, in linear time."""

import regex

# An extended grapheme cluster: what a reader takes for one character. It is the standard's own regular expression,
# written out since `\X` joins "\u094d\u0937" where the standard and Bluesky's server do not, and looks back over all
# flags before each flag, which over a long row of them is quadratic.
# Where `regex` knows a newer Unicode than Bluesky's server, the characters in between may join here and not there.
# https://www.unicode.org/reports/tr29/#Regex_Definitions
_AFTER = r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]"
_LINKED = r"[\p{InCB=Extend}\p{InCB=Linker}]"
_CORE = "|".join(
    (
        r"\p{GCB=L}*+(?:\p{GCB=V}++|\p{GCB=LV}\p{GCB=V}*+|\p{GCB=LVT})\p{GCB=T}*+",
        r"\p{GCB=L}++|\p{GCB=T}++",
        r"\p{RI}\p{RI}",
        r"\p{Extended_Pictographic}(?:\p{GCB=Extend}*+\p{GCB=ZWJ}\p{Extended_Pictographic})*+",
        rf"\p{{InCB=Consonant}}(?:\p{{InCB=Extend}}*+\p{{InCB=Linker}}{_LINKED}*+\p{{InCB=Consonant}})*+",
        r"[^\p{GCB=Control}\p{GCB=CR}\p{GCB=LF}]",
    )
)
GRAPHEME = regex.compile(
    rf"\r\n|\p{{GCB=Prepend}}*+(?:{_CORE}){_AFTER}*+|\p{{GCB=Prepend}}++{_AFTER}*+|.", regex.DOTALL
)


def graphemes(text: str) -> int:
    """How many characters a reader sees."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    return sum(1 for _ in GRAPHEME.finditer(text))


def utf8_bytes(text: str) -> int:
    """How many bytes `text` has on the wire."""
    return len(text.encode("utf-8", "surrogatepass"))


def utf16_units(text: str) -> int:
    """The length JavaScript and Java give: two for a character beyond U+FFFF."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
