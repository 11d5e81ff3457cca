"""Files as people have them."""

import io
import random
from typing import Any

from PIL import Image

from integrations.platforms.base import MediaKind, Medium
from tests.integrations.platforms.files import MemoryFiles


def image(files: MemoryFiles, *, size: tuple[int, int] = (60, 40), format: str = "PNG", **facts: Any) -> Medium:  # noqa: A002
    """An image of noise, which no format makes small."""
    noise = Image.frombytes("RGB", size, random.Random(len(files.contents)).randbytes(size[0] * size[1] * 3))
    target = io.BytesIO()
    noise.save(target, format)
    return files.add(target.getvalue(), type=Image.MIME[format], width=size[0], height=size[1], **facts)


def gif(files: MemoryFiles, **facts: Any) -> Medium:
    target = io.BytesIO()
    first, *rest = (Image.new("RGB", (30, 20), colour) for colour in ("red", "green", "blue"))
    first.save(target, "GIF", save_all=True, append_images=rest)
    return files.add(target.getvalue(), kind=MediaKind.GIF, type="image/gif", frames=3, **facts)


def video(files: MemoryFiles, *, size: int = 5_000_000, **facts: Any) -> Medium:
    """Bytes that begin as an MP4 does; the double looks no further."""
    content = b"\0\0\0\x18ftypmp42" + random.Random(len(files.contents)).randbytes(size - 12)
    return files.add(content, kind=MediaKind.VIDEO, type="video/mp4", duration=10, **facts)
