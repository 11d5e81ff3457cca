"""Images for tests, as cameras and attackers make them."""

import struct
import zlib
from functools import cache
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, ImageDraw

#: Words that are hidden in a file wherever it may say something of its maker: not one may stay.
SECRET = b"52.5200N 13.4050E Jane Roe"
SIZE = (48, 32)


def picture(size: tuple[int, int] = SIZE, mode: str = "RGB") -> Image.Image:
    """Each quarter of another colour, the upper left one red, so that it can be seen how it lies."""
    image = Image.new("RGB", size, "white")
    draw, (width, height) = ImageDraw.Draw(image), size
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), "red")
    draw.rectangle((width // 2, 0, width, height // 2 - 1), "lime")
    draw.rectangle((0, height // 2, width // 2 - 1, height), "blue")
    return image.convert(mode)


def quarters(image: Image.Image) -> str:
    """The colours of the quarters from upper left to lower right: `rgbw` is upright."""
    image, names = image.convert("RGB"), ""
    for x, y in ((1, 1), (3, 1), (1, 3), (3, 3)):
        pixel: Any = image.getpixel((image.width * x // 4, image.height * y // 4))
        names += {(True, False, False): "r", (False, True, False): "g", (False, False, True): "b"}.get(
            tuple(level > 128 for level in pixel), "w"
        )
    return names


def exif(orientation: int = 1, *, order: str = "<") -> bytes:
    """EXIF with an orientation, a place and a name."""
    mark = b"II" if order == "<" else b"MM"
    entries = [(0x010F, 2, len(SECRET), 100), (0x8825, 4, 1, 200)]
    packed = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    packed += b"".join(struct.pack(f"{order}HHII", *entry) for entry in entries)
    head = mark + struct.pack(f"{order}HIH", 42, 8, 3) + packed + bytes(4)
    return head.ljust(100, b"\0") + SECRET.ljust(200, b"\0") + SECRET


@cache
def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(orientation: int = 1, *, size: tuple[int, int] = SIZE, **options: Any) -> bytes:
    """A JPEG as a phone writes it: EXIF, XMP, IPTC, a comment, a profile, and another picture behind its end."""
    plain = saved(
        picture(size),
        "JPEG",
        quality=95,
        subsampling=0,
        icc_profile=profile(),
        exif=b"Exif\0\0" + exif(orientation),
        **options,
    )
    said = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
        for marker, body in (
            (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + SECRET),
            (0xED, b"Photoshop 3.0\x008BIM" + SECRET),
            (0xE2, b"FPXR\0" + SECRET),
            (0xE5, SECRET),
            (0xFE, SECRET),
        )
    )
    return plain[:2] + said + plain[2:] + b"<html>" + SECRET


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(orientation: int = 1, *, mode: str = "RGBA") -> bytes:
    """A PNG with all that can be said beside its picture, and something behind its end."""
    plain = saved(picture(mode=mode), "PNG", icc_profile=profile())
    said = (
        chunk(b"tEXt", b"Author\0" + SECRET)
        + chunk(b"zTXt", b"Author\0\0" + zlib.compress(SECRET))
        + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SECRET)
        + chunk(b"eXIf", exif(orientation, order=">"))
        + chunk(b"tIME", bytes(7))
        + chunk(b"prVt", SECRET)
    )
    return plain[:33] + said + plain[33:] + SECRET


def apng() -> bytes:
    return saved(picture(), "PNG", save_all=True, append_images=[picture().rotate(90)], duration=100)


def webp(orientation: int = 1, *, lossless: bool = False) -> bytes:
    """A WebP with EXIF and XMP, a chunk that nobody knows, and something behind its end."""
    plain = saved(
        picture(mode="RGBA"), "WEBP", lossless=lossless, quality=95, icc_profile=profile(),
        exif=b"Exif\0\0" + exif(orientation), xmp=SECRET,
    )  # fmt: skip
    inside = plain[8:] + b"JUNK" + struct.pack("<I", len(SECRET)) + SECRET
    return b"RIFF" + struct.pack("<I", len(inside)) + inside + SECRET


def moving_webp() -> bytes:
    return saved(picture(), "WEBP", save_all=True, append_images=[picture().rotate(90)], duration=100)


def gif(frames: int = 3, *, delay: int = 200) -> bytes:
    """A GIF with comments, XMP, an unknown program's data, and something behind its end; `delay` milliseconds."""
    turned = [picture().rotate(90 * number) for number in range(frames)]
    plain = saved(turned[0], "GIF", save_all=True, append_images=turned[1:], duration=delay, loop=0)
    head = 13 + (3 << ((plain[10] & 7) + 1) if plain[10] & 0x80 else 0)
    said = (
        b"\x21\xfe" + bytes([len(SECRET)]) + SECRET + b"\0"
        + b"\x21\xff\x0bXMP DataXMP" + bytes([len(SECRET)]) + SECRET + b"\0"
        + b"\x21\xff\x0bICCRGBG1012" + bytes([len(SECRET)]) + SECRET + b"\0"
    )  # fmt: skip
    return plain[:head] + said + plain[head:] + b"<script>" + SECRET


def endless_gif(frames: int) -> bytes:
    """Frames of one pixel: a file of 24 MB holds a million."""
    head = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
    return head + b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0" * frames + b";"


def heic(orientation: int = 1, *, mode: str = "RGB") -> bytes:
    out = BytesIO()
    made = pillow_heif.from_pillow(picture(mode=mode))
    made.save(out, quality=95, exif=b"Exif\0\0" + exif(orientation), icc_profile=profile(), xmp=SECRET)
    return out.getvalue()


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""
    rows = zlib.compressobj(9)
    row = bytes(width // 8 + 1)
    body = b"".join(rows.compress(row) for _ in range(min(height, 30_000))) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
