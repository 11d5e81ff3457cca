"""JPEG without what it says beside its picture. The picture itself stays as it is, byte for byte.

Kept: the tables, the frame, the scans, the colour profile and Adobe's word on colours. https://www.w3.org/Graphics/JPEG/itu-t81.pdf
"""

import re
import struct
from typing import BinaryIO

from integrations.platforms.media import MOST_SCANS
from posts.media.types import broken

EOI = 0xD9
SOS = 0xDA
#: Markers that stand alone, without a length.
BARE = {0x01, *range(0xD0, 0xD8)}
#: SOF0 to SOF15, DHT, DAC, SOS, DQT, DNL, DRI, DHP, EXP.
PICTURE = {*range(0xC0, 0xD0), SOS, *range(0xDB, 0xE0)} - {0xC8}
_IN_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")


def clean(data: bytes, out: BinaryIO) -> bytes:
    """This will write the JPEG without what identifies anybody, and give its EXIF, "" if it has none."""
    exif, at, scans = b"", 2, 0
    out.write(b"\xff\xd8")
    while True:
        marker, at = _marker(data, at)
        if marker == EOI:
            break
        if marker in BARE:
            continue
        size = int.from_bytes(data[at : at + 2], "big")
        if size < 2 or at + size > len(data):
            raise broken("a part of the JPEG runs past its end")
        body = data[at + 2 : at + size]
        at += size
        if marker == 0xE1 and body.startswith(b"Exif\0\0") and not exif:
            exif = body[6:]
        if (kept := _kept(marker, body)) is not None:
            out.write(struct.pack(">BBH", 0xFF, marker, len(kept) + 2) + kept)
        if marker == SOS:
            scans = _next(scans)
            end = _IN_SCAN.search(data, at)
            if end is None:
                raise broken("the JPEG breaks off")
            out.write(data[at : end.start()])
            at = end.start()
    if not scans:
        raise broken("there is no picture in the JPEG")
    out.write(b"\xff\xd9")
    return exif


def _next(scans: int) -> int:
    """One scan more: each costs whoever reads it time, however short it is."""
    if scans == MOST_SCANS:
        raise broken("the JPEG has more scans than any program writes")
    return scans + 1


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """This will give the marker at a place and where what follows it begins; fill bytes may stand before it."""
    if data[at : at + 1] != b"\xff":
        raise broken("the JPEG breaks off" if at >= len(data) else "the parts of the JPEG do not follow each other")
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise broken("the JPEG breaks off")
    return data[at], at + 1


def _kept(marker: int, body: bytes) -> bytes | None:
    if marker in PICTURE:
        return body
    if marker == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14:
        return body[:12] + b"\0\0"  # without its thumbnail
    if marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):
        return body
    if marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
        return body[:12]
    return None
