"""Brings an image to what a platform takes, and leaves it alone when it is that already. Loaded by clients only."""

import io
import struct
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageCms, ImageOps

from .media import MOST_JPEG_PIXELS, MOST_PIXELS, MOST_SCANS

#: What is opened at all; every further format is more code that strangers' bytes could lead astray.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
#: What is made, each under the library's name.
TYPES = {"JPEG": "image/jpeg", "WEBP": "image/webp", "PNG": "image/png"}
#: An image that has to change is brought to this many pixels at most, along its longer side: nobody shows more.
MOST_SIDE = 4096
#: From the worst that still looks good, up. Below the first, fewer pixels look better than more loss.
QUALITIES = (80, 85, 90, 93, 95)
#: A larger colour profile is more than one: the colours are brought to sRGB, which needs none.
MOST_PROFILE = 64 * 1024
#: What begins a scan of a JPEG. Inside of one these bytes cannot follow each other.
# https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.1.1.5
_SCAN = b"\xff\xda"

_Encode = Callable[[Image.Image, int], bytes]


class Unusable(Exception):
    """The bytes are no image that could be brought to size: the sentence says why."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """An image as it is to be sent: upright, in the pixels it really has, with nothing beside them but its colours."""

    data: bytes
    type: str
    width: int
    height: int


def fit(file: BinaryIO, *, most_bytes: int, types: Collection[str], most_side: int | None = None) -> Fitted | None:
    """This will give the best of the image that a platform takes; None when it takes the file as it is.

    `types` are MIME types, `most_side` pixels. Of what moves, the first picture is taken. Raises Unusable.
    """
    file.seek(0)
    content = file.read()  # here, where a store that fails is not yet an image that cannot be read
    with _opened(io.BytesIO(content)) as image:
        if len(content) <= most_bytes and _type(image) in types and (most_side is None or max(image.size) <= most_side):
            return None
        if image.format in ("JPEG", "MPO"):
            _require_readable(image, content)
        picture, profile = _read(image, min(most_side or MOST_SIDE, MOST_SIDE))
    name = _way(picture, types)
    data, picture = _best(
        picture,
        lambda picture, quality: _encoded(picture, name, profile, quality),
        most_bytes,
        qualities=QUALITIES[-1:] if name == "PNG" else QUALITIES,  # in a PNG nothing is ever lost
    )
    return Fitted(data, TYPES[name], picture.width, picture.height)


def square(content: bytes, *, side: int) -> bytes:
    """This will give the middle of an image as a WebP of at most `side` pixels a side, upright, on white, with nothing
    beside its pixels. Of what moves, the first picture is taken. Raises Unusable.
    """
    with _opened(io.BytesIO(content)) as image:
        if image.format in ("JPEG", "MPO"):
            _require_readable(image, content)
        # Of a long one the middle is a part, which is to have enough pixels too.
        picture, profile = _read(image, 8 * side)
    if profile:
        picture = _to_srgb(picture, picture, profile)
    side = min(side, *picture.size)
    return _encoded(_on_white(ImageOps.fit(picture, (side, side))), "WEBP", None, QUALITIES[0])


def type_of(file: BinaryIO) -> str:
    """The MIME type of the image, read from its bytes. Raises Unusable."""
    file.seek(0)
    with _opened(file) as image:
        return _type(image)


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(file, formats=FORMATS) as image:
            yield image
    except Image.DecompressionBombError as error:
        raise Unusable("The image has too many pixels.") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise Unusable("The image cannot be read.") from error


def _type(image: Image.Image) -> str:
    # A JPEG with further pictures behind the first is a JPEG to everybody else.
    return "image/jpeg" if image.format == "MPO" else Image.MIME.get(image.format or "", "")


def _require_readable(jpeg: Image.Image, content: bytes) -> None:
    """This will refuse a JPEG of a few kilobytes that would take hours or gigabytes to read."""
    if content.count(_SCAN) > MOST_SCANS:
        raise Unusable("The image has more scans than any program writes.")
    if jpeg.width * jpeg.height > MOST_JPEG_PIXELS:
        raise Unusable("The image has too many pixels.")


def _read(image: Image.Image, side: int) -> tuple[Image.Image, bytes | None]:
    """The picture upright, of at most `side` pixels along a side, as grey, RGB or RGBA; and its colour profile."""
    share = side / max(image.size)
    image.draft(None, (int(image.width * share), int(image.height * share)))
    if image.width * image.height > MOST_PIXELS:
        raise Unusable("The image has too many pixels.")
    profile = image.info.get("icc_profile")
    ImageOps.exif_transpose(image, in_place=True)
    picture = _plain(image)
    if profile and (image.mode == "CMYK" or len(profile) > MOST_PROFILE):
        picture, profile = _to_srgb(image, picture, profile), None
    elif picture.mode != "L" and image.mode == "LA":
        profile = None  # it is one of greys
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture, profile


def _plain(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "I;16", "I;16B"):
        # Sixteen bits a pixel: the library would cut all above 255 to white.
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        # Many screenshots could be seen through and are not.
        return seen.convert("RGB") if seen.getchannel("A").getextrema() == (255, 255) else seen
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _to_srgb(image: Image.Image, plain: Image.Image, profile: bytes) -> Image.Image:
    """The colours that the profile means; those of `plain` where it cannot be understood."""
    source = image if image.mode == "CMYK" else plain
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGB" if source.mode == "CMYK" else source.mode
        return ImageCms.profileToProfile(source, meant, ImageCms.createProfile("sRGB"), outputMode=mode) or plain
    except (ImageCms.PyCMSError, OSError):
        return plain


def _way(picture: Image.Image, types: Collection[str]) -> str:
    """The name of the format that suits the picture best among those the platform takes."""
    order = ("WEBP", "PNG", "JPEG") if picture.mode == "RGBA" else ("JPEG", "WEBP", "PNG")
    return next(name for name in order if TYPES[name] in types)


def _encoded(picture: Image.Image, name: str, profile: bytes | None, quality: int) -> bytes:
    if name == "JPEG":
        picture = _on_white(picture)
    target = io.BytesIO()
    picture.save(target, name, icc_profile=profile, optimize=True, quality=quality)
    return target.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """The picture with white behind it, where one could see through."""
    if picture.mode != "RGBA":
        return picture
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def _best(
    picture: Image.Image, encode: _Encode, most_bytes: int, *, qualities: Sequence[int]
) -> tuple[bytes, Image.Image]:
    """The most pixels that fit at the least quality, and then the best quality that they fit at."""
    whole, scale = picture, 1.0
    best = encode(picture, qualities[0])
    while len(best) > most_bytes:
        if picture.size == (1, 1):
            raise Unusable("The image cannot be made small enough.")
        # What it costs grows with the pixels, so with the square of the sides; a little less, to be there at once.
        scale *= min((most_bytes / len(best)) ** 0.5 * 0.97, 0.9)
        size = (max(round(whole.width * scale), 1), max(round(whole.height * scale), 1))
        picture = whole.resize(size, Image.Resampling.LANCZOS)
        best = encode(picture, qualities[0])
    low, high = 1, len(qualities)
    while low < high:
        middle = (low + high) // 2
        data = encode(picture, qualities[middle])
        if len(data) <= most_bytes:
            best, low = data, middle + 1
        else:
            high = middle
    return best, picture
