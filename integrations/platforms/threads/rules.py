"""What Threads allows. Pure facts."""

from collections.abc import Sequence

import regex

from ..base import Draft, MediaLimits, Problem, Rules
from ..counting import GRAPHEME, utf8_bytes

# What makes a grapheme an emoji: a character shown as one by default, a flag's letter, a keycap, or the selector
# that asks for the colourful form. A bare "©" or "❤" is text.
# https://www.unicode.org/reports/tr51/#Emoji_Presentation
EMOJI = regex.compile(r"[\p{Emoji_Presentation}\p{Regional_Indicator}\u20e3\ufe0f]")

# Addresses as people write them; Meta's page gives `www.facebook.com` as an example of a link.
LINK = regex.compile(r"""(?:https?://|\bwww\.)[^\s<>"]++""", regex.IGNORECASE)


class Threads(Rules):
    name = "threads"
    label = "Threads"
    letter = "@"
    colour = "#3d3d3d"
    threads = True

    # "Text posts are limited to 500 characters. Emojis are counted as the number of UTF-8 bytes."
    # https://developers.facebook.com/documentation/threads/posts
    text_limit = 500

    # Posts with more distinct links fail with THREADS_API__LINK_LIMIT_EXCEEDED.
    # https://developers.facebook.com/documentation/threads/create-posts/text-attachments
    link_limit = 5

    # Up to twenty in a carousel, images and videos together; alt text of 1000.
    # https://developers.facebook.com/documentation/threads/posts
    # JPEG and PNG of up to 8 MB, MP4 and QuickTime of up to 1 GB and 300 s. GIFs come from its own search only.
    # https://developers.facebook.com/documentation/threads/overview
    media = MediaLimits(
        images=20,
        videos=20,
        together=20,
        video_bytes=1_000_000_000,
        longest=300,
        alt_text=1000,
        image_bytes=8_000_000,
    )

    def count(self, text: str) -> int:
        """Code points, save that a whole emoji (joiners, skin tones and selectors with it) counts its UTF-8 bytes.

        Unverified: that Meta counts code points elsewhere, and that it takes an emoji for what Unicode does.
        """
        if not EMOJI.search(text):
            return len(text)
        clusters: list[str] = GRAPHEME.findall(text)
        return sum(utf8_bytes(cluster) if EMOJI.search(cluster) else len(cluster) for cluster in clusters)

    def text_problems(self, draft: Draft) -> Sequence[Problem]:
        problems = list(super().text_problems(draft))
        links = {link.rstrip(".,;:!?)]}'") for link in LINK.findall(draft.text)}
        if len(links) > self.link_limit:
            problems.append(
                Problem(
                    code="too_many_links",
                    message=f"The text for {self.label} has {len(links)} different links; the limit is "
                    f"{self.link_limit}. Remove some, or give {self.label} its own text in platform_overrides.",
                    field="/content",
                    details={"platform": self.name, "count": len(links), "limit": self.link_limit, "unit": "links"},
                )
            )
        return problems
