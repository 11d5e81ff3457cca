"""PNG without what it says beside its picture. The picture itself stays as it is, byte for byte.

https://www.w3.org/TR/png-3/
"""

import zlib
from typing import BinaryIO

from posts.media.types import Unusable, broken

SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: The picture, and what its colours and pixels mean.
KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI",
    b"bKGD", b"pHYs",
}  # fmt: skip


def clean(data: bytes, out: BinaryIO) -> bytes:
    """This will write the PNG without what identifies anybody, and give its EXIF, "" if it has none."""
    exif, at = b"", len(SIGNATURE)
    out.write(SIGNATURE)
    while True:
        size = int.from_bytes(data[at : at + 4], "big")
        name, end = data[at + 4 : at + 8], at + 12 + size
        if end > len(data):
            raise broken("the PNG breaks off")
        if zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise broken("a checksum in the PNG is wrong")
        if name == b"acTL" and int.from_bytes(data[at + 8 : at + 12], "big") > 1:
            raise animated("PNG")
        if name == b"eXIf":
            exif = data[at + 8 : end - 4]
        if name in KEPT:
            out.write(data[at:end])
        if name == b"IEND":
            return exif
        at = end


def animated(what: str) -> Unusable:
    """This will make the error for a picture that moves in a format that platforms show as a still."""
    sentence = f"This {what} is animated, and platforms show such files as a still picture: send a GIF or a video."
    return Unusable("unsupported_media_type", sentence, status=415)
