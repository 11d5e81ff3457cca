"""Files: whatever strikes while one is uploaded, the post is there once, and the file with it, once."""

import struct
import zlib

from .case import LIVE, Case, Check, Scene
from .steps import killed_at
from .troubles import Trouble, troubled

PLATFORMS = ("twitter", "bluesky", "sandbox")


def _png(side: int = 16) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + b"\x55\xaa\xff" * side for _ in range(side)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


PICTURE = _png()


def cases() -> list[Case]:
    found = [
        Case(f"{step}, an image", "kill -9", (platform,), killed_at(step), LIVE, check=with_its_file, picture=PICTURE)
        for platform in PLATFORMS
        for step in ("uploaded", "prepared", "accepted")
    ]
    faults = {
        "drops the connection": Trouble("drop", call="upload"),
        "drops the connection when it has it": Trouble("drop", "after", call="upload"),
        "answers 503": Trouble("answer", call="upload", how={"status": 503, "body": "busy"}),
    }
    for platform in ("twitter", "bluesky"):
        found += [
            Case("upload", fault, (platform,), troubled(trouble), LIVE, check=with_its_file, picture=PICTURE)
            for fault, trouble in faults.items()
        ]
    return found


def _with_its_file(scene: Scene) -> list[str]:
    files = [record.files for record in scene.account.records]
    return [] if files == [1] else [f"files beside its posts: {files}"]


#: The file stands beside the post.
with_its_file: Check = _with_its_file
