"""What Mastodon allows on a server that keeps its defaults. Pure facts."""

import re
from collections.abc import Sequence

from ..base import Draft, MediaKind, MediaLimits, Problem, Rules
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
    colour = "#563acc"
    threads = True

    # Servers may raise it (`configuration.statuses.max_characters`); this is the default, and what most keep.
    # https://docs.joinmastodon.org/user/posting/#text
    text_limit = 500

    # Four files; images of up to 16 MB, videos and GIFs (which become videos) of up to 99 MB.
    # https://docs.joinmastodon.org/user/posting/#attachments
    # `MAX_DESCRIPTION_LENGTH`
    # https://github.com/mastodon/mastodon/blob/main/app/models/media_attachment.rb
    media = MediaLimits(
        images=4,
        gifs=4,
        videos=1,
        together=4,
        types=("video/mp4", "video/quicktime", "video/webm"),
        video_bytes=99 * 1024**2,
        gif_bytes=99 * 1024**2,
        alt_text=1500,
        image_types=("image/jpeg", "image/png", "image/webp"),
        image_bytes=16 * 1024**2,
    )

    def count(self, text: str) -> int:
        """Graphemes, a link as 23, a remote mention without its server."""
        return graphemes(REMOTE_MENTION.sub(r"\1", LINK.sub(_placeholder, text)))

    def media_problems(self, draft: Draft) -> Sequence[Problem]:
        """A GIF may stand beside images, a video may not.

        https://github.com/mastodon/mastodon/blob/main/app/services/post_status_service.rb
        """
        found = list(super().media_problems(draft))
        if len(draft.media) > 1 and any(medium.kind == MediaKind.VIDEO for medium in draft.media):
            found.append(
                self.media_problem(
                    "media_mixed",
                    f"{self.label} takes a video alone. Leave the other files out, or move them to another part.",
                    count=len(draft.media),
                    limit=1,
                    unit="files",
                )
            )
        return found


def _placeholder(match: re.Match[str]) -> str:
    link = match.group()
    return "x" * LINK_LENGTH + link[len(link.rstrip(CLOSING)) :]
