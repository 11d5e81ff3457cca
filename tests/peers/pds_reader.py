"""Another client that reads what stands on a Bluesky server: npm `@atproto/api`, run by Node."""

import json
import os
import subprocess
from typing import Any

from .install import HERE, missing, node


def read_posts(base_url: str, did: str) -> list[dict[str, Any]]:
    """This will let Bluesky's own library read an account's posts. Needs what `make peers` installs."""
    runtime = node()
    if runtime is None:
        raise RuntimeError(missing())
    answer = subprocess.run(
        [str(runtime), str(HERE / "pds_reader.mjs"), base_url, did],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NODE_ENV": "test"},
    )
    posts: list[dict[str, Any]] = json.loads(answer.stdout)
    return posts
