"""How platforms and accounts look in small, the same on every screen: a mark, and a face with its platform's mark."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations.avatars import kept
from integrations.models import Integration
from integrations.platforms import registry


def mark(platform: str) -> SafeString:
    """This will show which platform it is: a letter on its colour, and its name for whoever cannot see it."""
    rules = registry.PLATFORMS[platform]
    shape = '<span class="op-mark" role="img" aria-label="{0}" title="{0}" style="background: {1}">{2}</span>'
    return format_html(shape, rules.label, rules.colour, rules.letter or rules.label[:1])


def face(account: Integration) -> SafeString:
    """This will show an account beside its name: its picture, or its initials, and which platform it is on."""
    return format_html('<span class="op-face">{}{}</span>', avatar(account), mark(account.platform))


def lone_face(account: Integration) -> SafeString:
    """This will show an account that no name stands beside, and say whose it is to whoever asks."""
    said = _("%(name)s on %(platform)s") % {"name": name(account), "platform": registry.label_of(account.platform)}
    shape = '<span class="op-face" role="img" aria-label="{0}" title="{0}">{1}{2}</span>'
    return format_html(shape, said, avatar(account), mark(account.platform))


def avatar(account: Integration) -> SafeString:
    """This will show an account's picture; its initials where it has none, and until the picture is there."""
    address = kept.address(account)
    picture = format_html('<img src="{}" alt="">', address) if address else ""
    return format_html('<span class="op-avatar" aria-hidden="true">{}{}</span>', initials(account), picture)


def name(account: Integration) -> str:
    """What people call an account."""
    return account.display_name or account.username


def initials(account: Integration) -> str:
    """One or two letters that stand for an account's picture."""
    words = name(account).replace(".", " ").replace("_", " ").split()
    return "".join(word[0] for word in words[:2]).upper()
