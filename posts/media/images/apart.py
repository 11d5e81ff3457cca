"""Having an image cleaned by a process of its own. All that a web process does with an image's bytes."""

import json
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from django.conf import settings

from integrations.platforms.draft import MediaKind
from posts.media.types import Facts, Unusable

#: How long one image may take.
SECONDS = 60
#: How many of them one web process has in work; the others wait for their turn. Each may take 1.5 GiB.
AT_ONCE = BoundedSemaphore(2)


def clean(file_type: str, source: Path, target: Path) -> Facts:
    """This will write the image clean and upright to `target` and tell what it is; raises Unusable."""
    command = [sys.executable, "-m", "posts.media.images", file_type, str(source), str(target)]
    # None of our secrets is in its environment, and threads of the C library do not each claim their own memory.
    environment = {"MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"}
    with AT_ONCE:
        try:
            ended = subprocess.run(  # noqa: S603 - our own program, and paths that we chose
                command,
                cwd=settings.BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _too_much() from error
    if ended.returncode:
        raise _too_much()
    said = json.loads(ended.stdout)
    if "code" in said:
        raise Unusable(**said)
    return Facts(**{**said, "kind": MediaKind(said["kind"])})


def _too_much() -> Unusable:
    return Unusable(
        "image_unreadable", "The image is damaged, or takes more memory or time to read than we give one image."
    )
