"""Videos for tests, built box by box: what is in them is known, and what is wrong with them is on purpose."""

import struct
from collections.abc import Sequence

from .pictures import SECRET

UPRIGHT = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
#: As phones film that are held upright: turned by 90 degrees to the right.
ON_ITS_SIDE = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
#: Seconds since 1904: a moment in 2024 at which somebody filmed.
FILMED = 3_800_000_000


def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, name) + body


def full(name: bytes, *parts: bytes, version: int = 0) -> bytes:
    return box(name, bytes([version, 0, 0, 0]), *parts)


def numbers(form: str, *values: int) -> bytes:
    return struct.pack(f">{form}", *values)


def ftyp(brand: bytes = b"isom", *more: bytes) -> bytes:
    return box(b"ftyp", brand, bytes(4), *(more or (brand, b"mp42")))


def head(name: bytes, scale: int, length: int, *rest: bytes, version: int = 0) -> bytes:
    """`mvhd` and `mdhd`: when it was made, and how long it is."""
    form = "QQIQ" if version else "IIII"
    return full(name, numbers(form, FILMED, FILMED, scale, length), *rest, version=version)


def track(
    kind: bytes,
    code: bytes,
    *,
    size: tuple[int, int] = (640, 360),
    matrix: Sequence[int] = UPRIGHT,
    offsets: Sequence[int] = (),
    samples: int = 60,
    each: int = 10,
    version: int = 0,
    more: bytes = b"",
) -> bytes:
    """One track of two seconds: its pieces lie at `offsets`, and hold `samples` of `each` bytes together."""
    times = numbers("QQIIQ" if version else "IIIII", FILMED, FILMED, 1, 0, 2000)
    shown = bytes(16) + numbers("9i", *matrix) + numbers("II", size[0] << 16, size[1] << 16)
    runs = numbers("I", 1) + numbers("III", 1, samples // len(offsets), 1) if offsets else numbers("I", 0)
    table = box(
        b"stbl",
        full(b"stsd", numbers("I", 1), box(code, bytes(70))),
        full(b"stts", numbers("III", 1, samples, 2000 // samples)),
        full(b"stsc", runs),
        full(b"stsz", numbers("II", each, samples)),
        full(b"stco", numbers("I", len(offsets)), *(numbers("I", offset) for offset in offsets)),
    )
    media = box(
        b"mdia",
        head(b"mdhd", 1000, 2000, bytes(4), version=version),
        full(b"hdlr", bytes(4), kind, bytes(13)),
        box(b"minf", full(b"vmhd", bytes(8)), table),
    )
    return box(b"trak", full(b"tkhd", times, shown, version=version), media, more)


def moov(*tracks: bytes, more: bytes = b"", version: int = 0, seconds: int = 2) -> bytes:
    return box(b"moov", head(b"mvhd", 1000, seconds * 1000, bytes(80), version=version), *tracks, more)


def video(
    *,
    brand: bytes = b"isom",
    matrix: Sequence[int] = UPRIGHT,
    film: bytes = b"film" * 300,
    more: bytes = b"",
    version: int = 0,
) -> bytes:
    """An ordinary MP4 of two seconds: H.264, 640 × 360, 30 frames a second, AAC."""
    start = len(ftyp(brand)) + 8
    pictures = track(b"vide", b"avc1", matrix=matrix, offsets=(start,), version=version)
    sound = track(b"soun", b"mp4a", size=(0, 0), offsets=(start + 600,), version=version)
    return ftyp(brand) + box(b"mdat", film) + moov(pictures, sound, more=more, version=version)


#: All that cameras say of where and by whom, as they say it.
TELLTALES = (
    box(b"udta", box(b"\xa9xyz", numbers("HH", 26, 0x15C7), SECRET), box(b"auth", SECRET))
    + full(
        b"meta",
        full(b"hdlr", bytes(4), b"mdta", bytes(13)),
        box(b"keys", b"com.apple.quicktime.location.ISO6709"),
        SECRET,
    )
    + box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), SECRET)
    + box(b"free", SECRET)
    + box(b"skip", SECRET)
)


def telltale_video() -> bytes:
    """A video that tells of its maker at every level, in a track of places, and behind its last box."""
    start = len(ftyp()) + 8
    film = b"film" * 300
    places = [start + len(film), start + len(film) + 100]
    film += SECRET.ljust(50, b"!") + b"film" * 12 + b"!!" + SECRET.ljust(50, b"!")
    pictures = track(b"vide", b"hvc1", matrix=ON_ITS_SIDE, offsets=(start,), more=TELLTALES)
    gps = track(b"meta", b"gpmd", size=(0, 0), offsets=places, samples=2, each=50)
    return ftyp() + box(b"mdat", film) + moov(pictures, gps, more=TELLTALES) + TELLTALES
