"""Builders: pictures as people have them, as wicked people have them, and accounts whose pictures they are."""

import io
import struct
import zlib
from datetime import timedelta
from typing import Any

from PIL import Image

from integrations.models import Integration
from openpost import clock
from tests import builders
from tests.peers.x.process import XPeer


def picture(colour: str = "teal", size: tuple[int, int] = (73, 73), name: str = "PNG", **how: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, name, **how)
    return target.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A PNG of some kilobytes that says it has more pixels than any memory holds."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (side // 8 + 1) * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def colour(webp: bytes) -> tuple[int, ...]:
    """The colour in the middle of what is kept, which is to be a small square."""
    with Image.open(io.BytesIO(webp)) as image:
        assert image.format == "WEBP"
        assert image.width == image.height <= 96
        found = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(found, tuple)
    return found


def at_x(x: XPeer, url: str = "", **fields: Any) -> Integration:
    """A connected account at the double of X, whose picture X says is at `url`."""
    user = x.user("ada", "Ada Lovelace")
    if url:
        x.picture(user["id"], url)
    values = {
        "remote_id": user["id"],
        "username": "ada",
        "display_name": "Ada Lovelace",
        "credentials": x.tokens(user["id"]),
        "token_expires_at": clock.now() + timedelta(hours=2),
        **fields,
    }
    platform = values.pop("platform", "twitter")
    return builders.integration(builders.workspace("live"), platform, **values)
