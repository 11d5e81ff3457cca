"""Where in a file the pieces of a track lie. ISO/IEC 14496-12, 8.7."""

from collections.abc import Iterator
from itertools import pairwise

from posts.media.types import broken

from .boxes import Box, Boxes

#: Entries of one table that are read: an hour of a track that says something at every frame.
MOST_ENTRIES = 250_000


def extents(boxes: Boxes, table: Box) -> Iterator[tuple[int, int]]:
    """This will give begin and end of every chunk of a track, from its sample table (`stbl`)."""
    parts = {box.name: box for box in boxes.within(table)}
    if not {b"stsz", b"stsc"} <= set(parts) or not {b"stco", b"co64"} & set(parts):
        return
    offsets = _entries(boxes, parts[b"co64"], "Q") if b"co64" in parts else _entries(boxes, parts[b"stco"], "I")
    sizes = _sizes(boxes, parts[b"stsz"])
    sample = 0
    for samples, (first, last) in _runs(boxes, parts[b"stsc"], len(offsets)):
        for begin in offsets[first:last]:
            yield begin, begin + sum(sizes[sample : sample + samples])
            sample += samples


def _runs(boxes: Boxes, box: Box, chunks: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """How many samples each chunk from one to before another has."""
    flat = _entries(boxes, box, "III")
    firsts = [first - 1 for first in flat[::3]]
    if any(before >= after for before, after in pairwise([*firsts, chunks])) or (firsts and firsts[0] != 0):
        raise broken("a table of the video makes no sense")
    yield from zip(flat[1::3], pairwise([*firsts, chunks]), strict=True)


def _sizes(boxes: Boxes, box: Box) -> tuple[int, ...]:
    same, number = boxes.numbers(box, "II", at=4)
    if number > MOST_ENTRIES:
        raise broken("a table of the video is too long")
    return (same,) * number if same else boxes.numbers(box, f"{number}I", at=12)


def _entries(boxes: Boxes, box: Box, form: str) -> tuple[int, ...]:
    (number,) = boxes.numbers(box, "I", at=4)
    if number > MOST_ENTRIES:
        raise broken("a table of the video is too long")
    return boxes.numbers(box, form * number, at=8)
