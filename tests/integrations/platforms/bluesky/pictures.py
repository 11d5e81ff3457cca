"""Builders: the images of these tests."""

import io
import random
from typing import Any

from PIL import Image

from integrations.platforms.base import Medium
from tests.integrations.platforms.files import MemoryFiles


def encoded(picture: Image.Image, name: str = "JPEG", **how: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, name, **how)
    return target.getvalue()


def plain(colour: str, size: tuple[int, int] = (40, 30)) -> bytes:
    """A JPEG of one colour."""
    return encoded(Image.new("RGB", size, colour))


def noise(width: int, height: int) -> bytes:
    """A PNG of what no format can pack."""
    picture = Image.frombytes("RGB", (width, height), random.Random(7).randbytes(width * height * 3))
    return encoded(picture, "PNG", compress_level=1)


def of_size(size: int) -> bytes:
    """A PNG of exactly so many bytes: what stands behind its end belongs to the file too."""
    data = encoded(Image.new("RGB", (640, 480), "teal"), "PNG")
    return data + b"\0" * (size - len(data))


def add(files: MemoryFiles, data: bytes, *, alt_text: str = "") -> Medium:
    """The image as a file of a post."""
    with Image.open(io.BytesIO(data)) as picture:
        kind = Image.MIME[picture.format or ""]
    return files.add(data, type=kind, width=picture.width, height=picture.height, alt_text=alt_text)
