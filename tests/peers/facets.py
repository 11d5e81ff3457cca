"""What Bluesky's own client library makes clickable, run by Node: npm `@atproto/api`."""

import json
import os
import subprocess
from collections.abc import Sequence

from .install import HERE, missing, node

#: byteStart, byteEnd, the feature's type and its value.
Found = tuple[int, int, str, str]


def find(texts: Sequence[str]) -> list[list[Found]]:
    """This will ask the library, in one process, for the facets of each text. Needs what `make peers` installs."""
    runtime = node()
    if runtime is None:
        raise RuntimeError(missing())
    answer = subprocess.run(
        [str(runtime), str(HERE / "facets.mjs")],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NODE_ENV": "test"},
    )
    return [[(start, end, kind, value) for start, end, kind, value in found] for found in json.loads(answer.stdout)]
