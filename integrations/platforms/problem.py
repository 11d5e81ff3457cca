"""What a platform's rules answer when something is wrong. Pure."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or worth a warning, with what would be right in `message`.

    `field` is a JSON pointer into the request body (`/content`, `/platform_settings/youtube/title`).
    `details` holds the numbers behind the sentence: `platform`, `count`, `limit`, `unit`.
    """

    code: str
    message: str
    field: str = ""
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)
