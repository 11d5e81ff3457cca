"""The boxes that MP4 and QuickTime files are made of, read strictly: one follows another, and none leaves its own.

ISO/IEC 14496-12, 4.2. https://developer.apple.com/documentation/quicktime-file-format/atoms
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from posts.media.types import broken

#: Far more than any camera or editor writes.
MOST_BOXES = 10_000
#: Bytes that are read of one file, its tables included.
MOST_READ = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its name, and where in the file it begins, its content begins, and it ends."""

    name: bytes
    start: int
    body: int
    end: int


class Boxes:
    """The boxes of a file that is open for reading; it counts what it gives, and stops at what no honest file needs."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file = file
        self.size = size
        self._given = self._read = 0

    def of_file(self) -> Iterator[Box]:
        # Fewer bytes than a box has behind the last one are fillers of sloppy writers.
        at = 0
        while self.size - at >= 8:
            box = self._at(at, self.size)
            yield box
            at = box.end

    def within(self, outer: Box, *, skip: int = 0) -> Iterator[Box]:
        """The boxes inside one, `skip` bytes into its content. Four zero bytes may stand behind the last."""
        at = outer.body + skip
        while outer.end - at >= 8:
            box = self._at(at, outer.end)
            yield box
            at = box.end

    def read(self, box: Box, size: int, *, at: int = 0) -> bytes:
        """So many bytes of a box's content."""
        if box.body + at + size > box.end:
            raise broken("a box of the video is too short")
        self._read += size
        if self._read > MOST_READ:
            raise broken("the tables of the video are too long")
        self.file.seek(box.body + at)
        found = self.file.read(size)
        if len(found) < size:
            raise broken("the video breaks off")
        return found

    def numbers(self, box: Box, form: str, *, at: int = 0) -> tuple[int, ...]:
        """Big-endian numbers of a box's content, as `struct` names them."""
        return struct.unpack(f">{form}", self.read(box, struct.calcsize(f">{form}"), at=at))

    def _at(self, at: int, limit: int) -> Box:
        self._given += 1
        if self._given > MOST_BOXES:
            raise broken(f"the video has more than {MOST_BOXES:,} boxes")
        self.file.seek(at)
        size, name = struct.unpack(">I4s", self.file.read(8))
        body = at + 8
        if size == 1:
            (size,) = struct.unpack(">Q", self.file.read(8).ljust(8, b"\0"))
            body = at + 16
        elif size == 0 and limit == self.size:
            size = limit - at  # it lasts to the end of the file
        if size < body - at or at + size > limit:
            raise broken("a box of the video is longer than what holds it" if size else "a box of the video has no end")
        return Box(name, at, body, at + size)
