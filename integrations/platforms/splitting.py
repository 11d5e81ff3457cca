"""A long text as a thread of parts that each fit: at `---` lines, else between paragraphs, sentences, words. Pure.

Nothing is lost but the white space between two parts. `fits` may be slow: it is asked about ten times a part, of texts
that are not much longer than one, and once of the whole.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from heapq import merge

import regex

from .counting import GRAPHEME

SEPARATOR = re.compile(r"^[ \t]*---[ \t]*\r?$", re.MULTILINE)
BLANK_LINES = re.compile(r"\A(?:[ \t]*\r?\n)+")

#: What joins the character before it to one grapheme: nothing is cut before it.
_MARK = r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]"
_SPACE = r"[\s\x1c-\x1f]"
SPACES = regex.compile(rf"(?<!{_SPACE}|\p{{GCB=Prepend}}){_SPACE}++(?!{_MARK})")
NO_BREAK_SPACES = "\u00a0\u2007\u202f"

# A sentence of Chinese or Japanese ends without a space; the others are told by the word before a space.
# It begins only where a run does: from each place in a long run that ends in vain, the search would go through it anew.
STOP = regex.compile(rf"(?<![。！？｡])[。！？｡]++[\p{{Pe}}\p{{Pf}}]*+(?!{_SPACE}|{_MARK})")
ENDING = regex.compile(r"""[.!?…؟۔।。！？｡][\p{Pe}\p{Pf}"']*+\Z""")
ABBREVIATION = re.compile(r"""\W*(?:(?:[^\W\d_]\.)+|(?:dr|mrs?|ms|prof|st|vs|cf|fig)\.)\Z""", re.IGNORECASE)
LONGEST_WORD = 40

URL = re.compile(r"https?://[!-~]+")

FIRST_GUESS = 256

Fits = Callable[[str], bool]


class Level(IntEnum):
    """How good a place is to cut at."""

    WORD = 1
    SENTENCE = 2
    PARAGRAPH = 3
    END = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """A part may end at `end`, and the next goes on at `resume`, beyond the white space."""

    end: int
    resume: int
    level: Level


def split(text: str, *, fits: Fits, most: int) -> list[str]:
    """The parts of `text`, in order; a part that nothing can shorten stays as it is, and the rules refuse it.

    So they do when there are more than `most`: then the rest is not taken apart any more.
    """
    parts: list[str] = []
    for section in _sections(text):
        parts += _Packing(section, fits).parts(most - len(parts))
    return parts or [""]


def _sections(text: str) -> list[str]:
    """What stands between the `---` lines. A text without any is left as it is."""
    sections = SEPARATOR.split(text)
    if len(sections) == 1:
        return sections
    return [BLANK_LINES.sub("", section).rstrip() for section in sections if section.strip()]


class _Packing:
    """One section, taken apart from its beginning: each part is as long as fits, up to the best place to cut."""

    def __init__(self, text: str, fits: Fits) -> None:
        self.text, self.fits = text, fits
        self.unread = _cuts(text)
        self.cuts: list[Cut] = []
        self.ends: list[int] = []
        self.guess = FIRST_GUESS

    def parts(self, most: int) -> Iterator[str]:
        """The first `most` parts, and what is left in one more."""
        if most <= 0 or not self.text.strip() or self.fits(self.text):
            yield self.text
            return
        start = 0
        while start < len(self.text):
            cut = self._cut_after(start) if most else _end_of(self.text)
            part = self.text[start : cut.end]
            most -= 1  # also for one that is blank: to find it was as much work
            if part.strip():
                yield part
            self.guess = len(part)
            start = cut.resume

    def _cut_after(self, start: int) -> Cut:
        reach, first = self._reach(start), bisect_right(self.ends, start)
        cuts = self.cuts[first : bisect_right(self.ends, reach)]
        last = self._longest(start, [cut.end for cut in cuts])
        if last < 0:
            return self._inside_a_word(start, reach, self.cuts[first])
        best = max(cuts[: last + 1], key=lambda cut: (cut.level, cut.end))
        return best if best is cuts[last] or self._fits(start, best.end) else cuts[last]

    def _reach(self, start: int) -> int:
        """How far to look for the end of the part. It goes twice as far each time, never much further than a part."""
        size = self.guess
        while start + size < len(self.text) and self._fits(start, self._tidy_end(start, start + size)):
            size *= 2
        reach = min(start + size, len(self.text))
        self._read(reach)
        return reach

    def _tidy_end(self, start: int, most: int) -> int:
        """The last cut up to `most`; inside a long word that is `most` itself."""
        self._read(most)
        index = bisect_right(self.ends, most) - 1
        return self.ends[index] if index >= 0 and self.ends[index] > start else most

    def _inside_a_word(self, start: int, reach: int, word: Cut) -> Cut:
        """A word that is longer than a part is cut between graphemes, and before a web address rather than in it."""
        ends = [found.end() for found in GRAPHEME.finditer(self.text, start, min(reach, word.end))]
        if reach < word.end:
            ends.pop()  # it may go on beyond
        if not ends:
            ends = [next(GRAPHEME.finditer(self.text, start)).end()]
        end = ends[max(self._longest(start, ends), 0)]
        address = max(self.text.rfind(protocol, start + 1, end) for protocol in ("http://", "https://"))
        found = URL.match(self.text, address) if address > 0 else None
        if found and found.end() > end and address in ends:
            end = address
        return word if end == word.end else Cut(end, end, Level.WORD)

    def _longest(self, start: int, ends: Sequence[int]) -> int:
        """The index of the longest text that fits, of those from `start` to each of `ends`; -1 if none does."""
        low, high = -1, len(ends)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._fits(start, ends[middle]) else (low, middle)
        return low

    def _read(self, position: int) -> None:
        """This will know every cut up to the position, and one beyond."""
        while not self.ends or self.ends[-1] <= position:
            cut = next(self.unread, None)
            if cut is None:
                return
            self.cuts.append(cut)
            self.ends.append(cut.end)

    def _fits(self, start: int, end: int) -> bool:
        return self.fits(self.text[start:end])


def _cuts(text: str) -> Iterator[Cut]:
    """Every place to cut at, in order, and the end."""
    yield from merge(_between_words(text), _after_stops(text), key=lambda cut: cut.end)
    yield _end_of(text)


def _between_words(text: str) -> Iterator[Cut]:
    before = 0
    for space in SPACES.finditer(text):
        if space.group().strip(NO_BREAK_SPACES):
            word = text[max(before, space.start() - LONGEST_WORD) : space.start()]
            yield Cut(space.start(), space.end(), _level(space.group(), word, text[space.end() : space.end() + 1]))
            before = space.end()


def _after_stops(text: str) -> Iterator[Cut]:
    return (Cut(stop.end(), stop.end(), Level.SENTENCE) for stop in STOP.finditer(text))


def _end_of(text: str) -> Cut:
    return Cut(len(text), len(text), Level.END)


def _level(space: str, word: str, following: str) -> Level:
    lines = space.count("\n")
    if lines > 1 or "\u2029" in space:
        return Level.PARAGRAPH
    if lines or (ENDING.search(word) and not following.islower() and not ABBREVIATION.match(word)):
        return Level.SENTENCE
    return Level.WORD
