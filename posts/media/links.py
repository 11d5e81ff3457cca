"""Where a file can be had by whoever holds the link, platforms that fetch for themselves included, and until when.

A link says which file and until when, signed. It stays the same for an hour, so that caches are of use.
"""

import uuid
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone

from posts.models import Media

#: How long a link stays the same.
SAME_FOR = timedelta(hours=1)


class WrongLink(Exception):
    """A link that we did not make."""


class ExpiredLink(Exception):
    """A link that we made, and that is over."""


def link(media: Media) -> str:
    """This will give the absolute address at which the file can be had for MEDIA_LINK_HOURS, and up to one more."""
    hour = int(timezone.now().timestamp()) // int(SAME_FOR.total_seconds()) * SAME_FOR
    until = int((hour + SAME_FOR + timedelta(hours=settings.MEDIA_LINK_HOURS)).total_seconds())
    token = _signer().sign(f"{media.id.hex}-{until:x}")
    # The name at the end is for people and for platforms that look at it; nothing is read from it.
    name = f"{media.id}{media.suffix}"
    return settings.OPENPOST_URL + reverse("media_file", args=[token, name])


def opened(token: str) -> tuple[uuid.UUID, datetime]:
    """This will give the file's id and the moment the link is over; raises WrongLink or ExpiredLink."""
    try:
        media_id, _, until = _signer().unsign(token).partition("-")
    except BadSignature as error:
        raise WrongLink from error
    ends = datetime.fromtimestamp(int(until, 16), UTC)
    if ends <= timezone.now():
        raise ExpiredLink
    return uuid.UUID(media_id), ends


def _signer() -> Signer:
    return Signer(salt="posts.media.links", sep=".")
