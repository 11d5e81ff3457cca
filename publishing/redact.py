"""Keeping secrets out of the evidence."""

from collections.abc import Iterator
from typing import Any

MOST = 4000


def redact(detail: str, credentials: Any) -> str:
    """This will give `detail` without any value of `credentials` in it, at most MOST characters long."""
    for secret in sorted(set(_values(credentials)), key=len, reverse=True):
        detail = detail.replace(secret, "[secret]")
    return detail.replace("\0", "")[:MOST]


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= 8:
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _values(item)
