"""Every platform there is, in the order people see them. To add one: its folder, and its two lines here."""

from .base import Rules
from .bluesky.rules import Bluesky
from .facebook.rules import Facebook
from .instagram.rules import Instagram
from .linkedin.rules import LinkedIn
from .mastodon.rules import Mastodon
from .threads.rules import Threads
from .tiktok.rules import TikTok
from .twitter.rules import X
from .youtube.rules import YouTube

PLATFORMS: dict[str, Rules] = {
    rules.name: rules
    for rules in (
        X(),
        Bluesky(),
        Instagram(),
        YouTube(),
        TikTok(),
        Threads(),
        Facebook(),
        LinkedIn(),
        Mastodon(),
    )
}

#: The names the API gives out, in the same order.
NAMES: tuple[str, ...] = tuple(PLATFORMS)

_BY_NAME = PLATFORMS | {alias: rules for rules in PLATFORMS.values() for alias in rules.aliases}


def by_name(name: str) -> Rules | None:
    """The platform called `name`, by its own name or an alias (`x` is `twitter`); None if there is none."""
    return _BY_NAME.get(name)


def label_of(name: str) -> str:
    """A platform's name for people; the name as it is for one that we no longer know."""
    rules = by_name(name)
    return rules.label if rules else name
