"""How much one request may ask for, so that it is answered within about a second and with at most some 5 MB.

A body of 1 MiB can name a hundred accounts and fifty threads, and all that is said is checked, kept and shown for each
of the accounts.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from integrations.models import Integration
from integrations.platforms import registry
from openpost.api.errors import refuse

from .models import Post


@dataclass(frozen=True, slots=True)
class Amount:
    """What posts ask for, counted once for each account that they are meant for."""

    parts: int = 0
    files: int = 0
    characters: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(
            self.parts + other.parts,
            self.files + other.files,
            self.characters + other.characters,
        )


#: The most of one request, as measured by tests/posts/test_bounds.py.
MOST = Amount(parts=1_000, files=5_000, characters=500_000)
#: As many characters as one of a text that is to be split counts for: to find the places is so much more work.
SPLITTING = 10


def amount(post: Post, accounts: Collection[Integration]) -> Amount:
    """This will count what a post asks for, its texts as they were written: splitting them comes later."""
    return Amount(
        parts=(1 + len(post.thread)) * len(accounts),
        files=sum(len(beside) for beside in post.media_by_part().values()) * len(accounts),
        characters=sum(_characters(post, account.platform) for account in accounts),
    )


def _characters(post: Post, platform: str) -> int:
    written = len(post.text_for(platform)) + sum(len(text) for text in post.thread)
    return written * SPLITTING if post.split and registry.PLATFORMS[platform].threads else written


def require_moderate(amounts: Iterable[Amount]) -> None:
    """This will raise a 400 when the posts of one request ask for more together than one may."""
    asked = sum(amounts, Amount())
    for unit in ("parts", "files", "characters"):
        count, limit = getattr(asked, unit), getattr(MOST, unit)
        if count > limit:
            raise refuse(
                "too_much_at_once",
                f"This asks for {count:,} {unit}, each counted once per account; one request may ask for {limit:,}. "
                "Name fewer accounts, or send it as several requests.",
                count=count,
                limit=limit,
                unit=unit,
            )
