"""WebP without what it says beside its picture. The picture itself stays as it is, byte for byte.

https://developers.google.com/speed/webp/docs/riff_container
"""

from typing import BinaryIO

from posts.media.types import broken

from .png import animated

KEPT = {b"VP8X", b"ICCP", b"ALPH", b"VP8 ", b"VP8L"}
ANIMATED, XMP, EXIF = 0x02, 0x04, 0x08


def clean(data: bytes, out: BinaryIO) -> bytes:
    """This will write the WebP without what identifies anybody, and give its EXIF, "" if it has none."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise broken("the WebP breaks off")
    exif, chunks, at = b"", bytearray(), 12
    while at + 8 <= end:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body, at = data[at + 8 : at + 8 + size], at + 8 + size + size % 2
        if len(body) < size or at > end + 1:
            raise broken("a part of the WebP runs past its end")
        if name == b"VP8X":
            if body[0] & ANIMATED:
                raise animated("WebP")
            body = bytes([body[0] & ~(XMP | EXIF)]) + body[1:]
        if name == b"EXIF":
            exif = body.removeprefix(b"Exif\0\0")
        if name in KEPT:
            chunks += name + size.to_bytes(4, "little") + body + b"\0" * (size % 2)
    out.write(b"RIFF" + (len(chunks) + 4).to_bytes(4, "little") + b"WEBP" + chunks)
    return exif
