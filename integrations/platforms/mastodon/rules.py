"""What Mastodon allows on a server that keeps its defaults. Pure facts."""

import re

from ..base import Rules
from ..counting import graphemes

# A link counts the same whatever its length. Parentheses belong to it when they close in it, and closing punctuation
# to the sentence. The server's own expression also knows which letters a path may have; this one takes them all.
# https://docs.joinmastodon.org/user/posting/#text
_PLAIN = r"""[^\s<>"()]"""
LINK = re.compile(
    rf"https?://(?:[\w-]++\.)++\w[\w-]*+(?::\d++)?+(?:[/?#](?:{_PLAIN}|\((?:{_PLAIN}|\({_PLAIN}*+\))*+\))*+)?+",
    re.IGNORECASE,
)
LINK_LENGTH = 23
CLOSING = ".,;:!?'"

# Of @somebody@far.example only @somebody counts.
# https://github.com/mastodon/mastodon/blob/main/app/validators/status_length_validator.rb
REMOTE_MENTION = re.compile(r"(?<![=/\w])(@[a-z0-9_]++(?:[.-]++[a-z0-9_]++)*+)@[\w.-]*\w", re.IGNORECASE)


class Mastodon(Rules):
    name = "mastodon"
    label = "Mastodon"

    # Servers may raise it (`configuration.statuses.max_characters`); this is the default, and what most keep.
    # https://docs.joinmastodon.org/user/posting/#text
    text_limit = 500

    def count(self, text: str) -> int:
        """Graphemes, a link as 23, a remote mention without its server."""
        return graphemes(REMOTE_MENTION.sub(r"\1", LINK.sub(_placeholder, text)))


def _placeholder(match: re.Match[str]) -> str:
    link = match.group()
    return "x" * LINK_LENGTH + link[len(link.rstrip(CLOSING)) :]
