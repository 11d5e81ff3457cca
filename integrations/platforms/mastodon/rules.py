"""What Mastodon allows on a server that keeps its defaults. Pure facts."""

import re

from ..base import Rules
from ..counting import graphemes

# A link counts the same whatever its length. Closing punctuation belongs to the sentence, not to the link.
# https://docs.joinmastodon.org/user/posting/#text
LINK = re.compile(r"""https?://[^\s<>"]++""", re.IGNORECASE)
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
    end = len(link)
    closing = link.count(")") - link.count("(")
    while link[end - 1] in CLOSING or (closing > 0 and link[end - 1] == ")"):
        closing -= link[end - 1] == ")"
        end -= 1
    # `https://` and nothing more is no link.
    return "x" * LINK_LENGTH + link[end:] if link[:end].partition("//")[2] else link
