"""Taking out of a video what identifies its maker, in place: no byte of the film moves."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from posts.media.types import Facts

from .boxes import Boxes
from .film import look

PIECE = 1024 * 1024


def clean(path: Path, file_type: str) -> Facts:
    """This will blank what must not stay, and tell what the video is; raises Unusable and then changes nothing.

    A box that must go becomes `free`, which every player passes over, and its content zeros.
    """
    with path.open("r+b") as file:
        film = look(Boxes(file, path.stat().st_size))
        facts = film.facts(file_type)
        for begin, end in _merged([*film.blank, *((box.body, box.end) for box in film.hide)]):
            _blank(file, begin, end)
        for box in film.hide:
            file.seek(box.start + 4)
            file.write(b"free")
    return facts


def _blank(file: BinaryIO, begin: int, end: int) -> None:
    file.seek(begin)
    file.writelines(bytes(min(PIECE, end - at)) for at in range(begin, end, PIECE))


def _merged(extents: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same places, each once: a file may name one again and again."""
    done = 0
    for begin, end in sorted(extents):
        if end > done:
            yield max(begin, done), end
            done = end
