"""WebP without what it says beside its picture. The picture itself stays as it is, byte for byte.

https://developers.google.com/speed/webp/docs/riff_container
"""

from collections.abc import Iterator
from typing import BinaryIO

from posts.media.types import broken

from .png import animated

KEPT = {b"VP8X", b"ICCP", b"ALPH", b"VP8 ", b"VP8L"}
ANIMATED, XMP, EXIF = 0x02, 0x04, 0x08


def clean(data: bytes, out: BinaryIO) -> bytes:
    """This will write the WebP without what identifies anybody, and give its EXIF, "" if it has none."""
    exif, kept = b"", bytearray()
    for name, body in _chunks(data):
        if name == b"VP8X":
            if not body:
                raise broken("a part of the WebP is empty")
            if body[0] & ANIMATED:
                raise animated("WebP")
            body = bytes([body[0] & ~(XMP | EXIF)]) + body[1:]
        if name == b"EXIF":
            exif = body.removeprefix(b"Exif\0\0")
        if name in KEPT:
            kept += name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)
    out.write(b"RIFF" + (len(kept) + 4).to_bytes(4, "little") + b"WEBP" + kept)
    return exif


def is_lossless(data: bytes) -> bool:
    return any(name == b"VP8L" for name, _ in _chunks(data))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    end, at = 8 + int.from_bytes(data[4:8], "little"), 12
    if end > len(data):
        raise broken("the WebP breaks off")
    while at + 8 <= end:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            raise broken("a part of the WebP runs past its end")
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
