"""The mark of a platform: a letter on its colour, and its name for whoever cannot see it. One look on every screen."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from integrations.platforms.registry import label_of

_LETTERS = {
    "bluesky": "B",
    "facebook": "f",
    "instagram": "I",
    "linkedin": "in",
    "mastodon": "M",
    "threads": "@",
    "tiktok": "T",
    "twitter": "X",
    "youtube": "Y",
}


def mark(platform: str) -> SafeString:
    """This will show which platform it is; its colours are in static/openpost/admin.css."""
    label = label_of(platform)
    return format_html(
        '<span class="op-mark op-mark-{}" role="img" aria-label="{}" title="{}">{}</span>',
        platform,
        label,
        label,
        _LETTERS.get(platform, label[:1]),
    )
