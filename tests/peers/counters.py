"""The platforms' own counters, run by Node: npm `twitter-text` for X, `Intl.Segmenter` for Bluesky."""

import json
import os
import subprocess
from collections.abc import Sequence

from .install import HERE, missing, node


def count(texts: Sequence[str]) -> list[tuple[int, int | None]]:
    """This will ask both, in one process: each text's weighted length, and its grapheme clusters where those are known.

    Needs what `make peers` installs.
    """
    runtime = node()
    if runtime is None:
        raise RuntimeError(missing())
    answer = subprocess.run(
        [str(runtime), str(HERE / "counters.mjs")],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NODE_ENV": "test"},
    )
    return [(weight, graphemes) for weight, graphemes in json.loads(answer.stdout)]
