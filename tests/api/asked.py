"""What schemathesis asked for, in one line that is the same for the same requests."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

#: What the server made of its own, and came back to it: ids, hashes and the like, times; and the boundaries of uploads.
_MADE = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT\d\d(:|%3A)\d\d(:|%3A)\d\d(\.\d+)?",
    re.IGNORECASE,
)
#: They name the run, not what it asks for.
_OF_THE_RUN = {"host", "content-length", "x-schemathesis-testcaseid"}


def fingerprint(report: Path) -> str:
    """This will read a run's HAR, and tell how many requests there were, and a hash of them all, in their order.

    What the server made is written as its number in the order of appearance, since it differs from run to run.
    """
    entries = json.loads(report.read_text())["log"]["entries"]
    numbers: dict[str, int] = {}
    asked = hashlib.sha256()
    for entry in entries:
        said = _MADE.sub(lambda found: str(numbers.setdefault(found[0], len(numbers))), _said(entry["request"]))
        asked.update(said.encode())
    return f"{len(entries):,} requests, {asked.hexdigest()[:12]}"


def _said(request: dict[str, Any]) -> str:
    headers = {one["name"]: one["value"] for one in request["headers"] if one["name"].lower() not in _OF_THE_RUN}
    path = re.sub(r"^https?://[^/]+", "", request["url"])
    return json.dumps([request["method"], path, request.get("postData"), headers], sort_keys=True)
