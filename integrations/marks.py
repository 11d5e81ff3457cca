"""The mark of a platform: a letter on its colour, and its name for whoever cannot see it. One look on every screen."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from integrations.platforms import registry


def mark(platform: str) -> SafeString:
    """This will show which platform it is."""
    rules = registry.PLATFORMS[platform]
    shape = '<span class="op-mark" role="img" aria-label="{0}" title="{0}" style="background: {1}">{2}</span>'
    return format_html(shape, rules.label, rules.colour, rules.letter or rules.label[:1])
