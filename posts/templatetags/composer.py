"""The places beside the composer's inputs, drawn the same on the page and in the answers that replace them."""

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils.safestring import SafeString

from integrations import marks
from integrations.models import Integration
from posts.media import links
from posts.models import Media

register = template.Library()


@register.inclusion_tag("composer/says.html", takes_context=True)
def says(context: template.Context, *places: str) -> dict[str, Any]:
    """This will draw what is said at a place, problems first; without any, at every place of the page."""
    outlook = context["outlook"]
    found = {place: outlook.remarks.get(place, ()) for place in places or outlook.places}
    said = {place: sorted(remarks, key=lambda one: not one.bad) for place, remarks in found.items()}
    return {"said": said, "oob": context["oob"]}


@register.inclusion_tag("composer/meters.html", takes_context=True)
def meters(context: template.Context, *places: str) -> dict[str, Any]:
    """This will draw how long the text at a place is, on each platform that sends it; without any, at every place."""
    outlook = context["outlook"]
    found = {place: outlook.meters.get(place, ()) for place in places or outlook.texts}
    return {"measured": found, "oob": context["oob"]}


@register.simple_tag
def mark(platform: str) -> SafeString:
    """This will show which platform it is."""
    return marks.mark(platform)


@register.simple_tag
def face(account: Integration) -> SafeString:
    """This will show an account beside its name."""
    return marks.face(account)


@register.simple_tag
def avatar(account: Integration) -> SafeString:
    """This will show an account's picture, or what stands for it, where its platform is shown already."""
    return marks.avatar(account)


@register.filter
def address(media: Media) -> str:
    """This will give where a file is shown from: this host, whatever name it is reached by."""
    return urlsplit(links.link(media)).path


@register.filter
def name(account: Integration) -> str:
    """This will give what people call an account."""
    return marks.name(account)
