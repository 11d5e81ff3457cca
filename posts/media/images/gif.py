"""GIF without what it says beside its pictures. The pictures themselves stay as they are, byte for byte.

https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

from dataclasses import dataclass, field
from typing import BinaryIO

from posts.media.types import Unusable, broken

EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B
CONTROL, APPLICATION = 0xF9, 0xFF
#: What says how often a GIF is played.
LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
MOST_FRAMES = 2000


@dataclass
class Frames:
    """How many, and how long each is shown, in hundredths of a second."""

    number: int = 0
    delays: list[int] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        # Browsers take 0 and 1 for 10, and so does everything that followed them.
        return sum(delay if delay > 1 else 10 for delay in self.delays) / 100


def clean(data: bytes, out: BinaryIO) -> Frames:
    """This will write the GIF without comments and other programs' data, and tell of its frames."""
    frames, at = Frames(), 13 + _table(data[10:11])
    out.write(data[:at])
    delay = 0
    while True:
        kind = data[at : at + 1]
        if not kind:
            raise broken("the GIF breaks off")
        if kind[0] == TRAILER:
            break
        if kind[0] == EXTENSION:
            end = _blocks_end(data, at + 2)
            if data[at + 1] == CONTROL:
                delay = int.from_bytes(data[at + 4 : at + 6], "little")
                out.write(data[at:end])
            elif data[at + 1] == APPLICATION and data[at + 3 : at + 14] in LOOPS and end - at <= 19:
                out.write(data[at:end])
        elif kind[0] == IMAGE:
            end = _blocks_end(data, at + 10 + _table(data[at + 9 : at + 10]) + 1)
            out.write(data[at:end])
            frames.number += 1
            frames.delays.append(delay)
            delay = 0
            if frames.number > MOST_FRAMES:
                raise Unusable("too_many_frames", f"A GIF may have at most {MOST_FRAMES:,} frames; send a video.")
        else:
            raise broken("the parts of the GIF do not follow each other")
        at = end
    if not frames.number:
        raise broken("there is no picture in the GIF")
    out.write(bytes([TRAILER]))
    return frames


def _table(flags: bytes) -> int:
    """The size of the colour table that these flags announce."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    """Where a chain of blocks is over: each says its size, and one of size 0 ends it."""
    while at < len(data) and data[at]:
        at += data[at] + 1
    if at >= len(data):
        raise broken("the GIF breaks off")
    return at + 1
