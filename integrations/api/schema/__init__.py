"""What accounts, keys, webhooks and the feed of events mean, for the API's description."""

from openpost.api.openapi.calls import Description

from . import accounts, keys, notices, webhooks
from . import fields as fields  # loaded, and so known to drf-spectacular

DESCRIPTION = Description(
    sections=[accounts.ACCOUNTS, webhooks.WEBHOOKS, webhooks.EVENTS, keys.KEYS],
    parts={**accounts.PARTS, **keys.PARTS, **webhooks.PARTS},
    path={**accounts.PATH, **keys.PATH, **webhooks.PATH},
    notices=notices.NOTICES,
    told_in=webhooks.WEBHOOKS.title,
)
