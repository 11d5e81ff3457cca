"""`python -m posts.media.images TYPE SOURCE TARGET`: reads one image, writes it clean, and says what it is, as JSON.

It is started for one image with an almost empty environment, takes bounds upon itself before it reads a byte, and is
not missed when it dies.
"""

import dataclasses
import json
import resource
import sys
from pathlib import Path
from typing import Any

from integrations.platforms.draft import MediaKind
from posts.media.types import Facts, Unusable, broken

from . import gif, jpeg, pixels, png, webp
from .exif import orientation

#: Bytes of address space: what turning the largest picture takes, twice 4 bytes a pixel, and the libraries.
MOST_MEMORY = 1536 * 1024 * 1024
MOST_CPU_SECONDS = 40
MOST_BYTES_WRITTEN = 512 * 1024 * 1024
CLEANERS = {"image/jpeg": jpeg.clean, "image/png": png.clean, "image/webp": webp.clean}


def main(file_type: str, source: Path, target: Path) -> dict[str, Any]:
    try:
        return dataclasses.asdict(_cleaned(file_type, source, target))
    except Unusable as error:
        return {"code": error.code, "sentence": error.sentence, "status": error.status}


def _cleaned(file_type: str, source: Path, target: Path) -> Facts:
    if file_type == "image/heic":
        width, height = pixels.jpeg_of_heic(source, target)
        return Facts(MediaKind.IMAGE, "image/jpeg", width, height)
    if file_type == "image/gif":
        return _cleaned_gif(source, target)
    with target.open("wb") as out:
        lies = orientation(CLEANERS[file_type](source.read_bytes(), out))
    width, height = pixels.size(target, file_type)
    if lies != 1:
        width, height = pixels.turn_upright(target, file_type, lies)
    return Facts(MediaKind.IMAGE, file_type, width, height)


def _cleaned_gif(source: Path, target: Path) -> Facts:
    with target.open("wb") as out:
        frames = gif.clean(source.read_bytes(), out)
    width, height = pixels.size(target, "image/gif", frames=frames.number)
    if frames.number == 1:
        return Facts(MediaKind.IMAGE, "image/gif", width, height)
    if not frames.seconds:
        raise broken("its frames have no time")
    return Facts(
        MediaKind.GIF,
        "image/gif",
        width,
        height,
        duration=frames.seconds,
        frames=frames.number,
        frame_rate=round(frames.number / frames.seconds, 3),
    )


if __name__ == "__main__":
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_BYTES_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
