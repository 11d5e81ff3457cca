"""What needs a picture's pixels: to see that they are all there, to turn them upright, to make a JPEG of a HEIC."""

from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image, JpegImagePlugin

from posts.media.types import Unusable, broken

from . import webp

#: More than any phone's camera makes by default; four bytes each must be held to turn them.
MOST_PIXELS = 100_000_000
#: All frames of a GIF together.
MOST_MOVING_PIXELS = 1_000_000_000
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
#: How to turn what lies as EXIF says.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Image.MAX_IMAGE_PIXELS = None  # we count ourselves, and refuse instead of warning


def size(path: Path, file_type: str, *, frames: int = 1) -> tuple[int, int]:
    """This will give width and height, and see that every pixel can be had."""
    with _opened(path, file_type) as image:
        require_size(image.size, frames=frames)
        # A JPEG is read whole but kept at an eighth: it is not looked at.
        image.draft(None, (1, 1))
        found = image.size if file_type != "image/jpeg" else _full_size(path)
        try:
            for number in range(frames):
                image.seek(number)
                image.load()
        except (OSError, EOFError, SyntaxError, ValueError) as error:
            raise broken("its picture breaks off or makes no sense") from error
    return found


def turn_upright(path: Path, file_type: str, orientation: int) -> tuple[int, int]:
    """This will write the picture anew as people hold it, its colour profile with it, and give width and height."""
    with _opened(path, file_type) as image:
        image.load()
        turned = image.transpose(TURNS[orientation])
        options: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
        if file_type == "image/jpeg":
            options |= {"quality": 95, "subsampling": max(JpegImagePlugin.get_sampling(image), 0)}
        elif file_type == "image/webp":
            options |= {"quality": 95, "lossless": webp.is_lossless(path.read_bytes())}
        image.close()
        turned.save(path, FORMATS[file_type], **options)
    return turned.size


def jpeg_of_heic(source: Path, target: Path) -> tuple[int, int]:
    """This will make a JPEG of a HEIC's first picture, upright as the library gives it, its colour profile with it."""
    pillow_heif.options.THUMBNAILS = pillow_heif.options.AUX_IMAGES = pillow_heif.options.DEPTH_IMAGES = False
    try:
        heic = pillow_heif.open_heif(source)
        require_size(heic.size)
        image = heic.to_pillow()
    except (OSError, SyntaxError, ValueError, RuntimeError, EOFError) as error:
        raise broken("the HEIC cannot be read") from error
    if image.mode not in ("RGB", "L"):
        clear = image.convert("RGBA")
        image = Image.new("RGB", image.size, "white")
        image.paste(clear, mask=clear)
    image.save(target, "JPEG", quality=92, icc_profile=heic.info.get("icc_profile"), exif=b"")
    found: tuple[int, int] = image.size
    return found


def require_size(size: tuple[int, int], *, frames: int = 1) -> None:
    pixels = size[0] * size[1]
    if pixels > MOST_PIXELS:
        limit = MOST_PIXELS // 1_000_000
        raise Unusable("image_too_large", f"The image has {pixels:,} pixels; it may have at most {limit} million.")
    if pixels * frames > MOST_MOVING_PIXELS:
        limit = MOST_MOVING_PIXELS // 1_000_000
        said = f"The GIF has {pixels * frames:,} pixels in all its frames; it may have at most {limit:,} million."
        raise Unusable("image_too_large", f"{said} Send a video.")


def _opened(path: Path, file_type: str) -> Image.Image:
    try:
        return Image.open(path, formats=[FORMATS[file_type]])
    except (OSError, SyntaxError, ValueError) as error:
        raise broken("it cannot be read") from error


def _full_size(path: Path) -> tuple[int, int]:
    with _opened(path, "image/jpeg") as image:
        return image.size
