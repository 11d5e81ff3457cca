"""Keeping secrets out of the evidence."""

import base64
from collections.abc import Iterator
from traceback import format_exception
from typing import Any

from django.conf import settings

from integrations.platforms.errors import printable
from openpost.hiding import HIDDEN, SHORTEST, WEB_TOKEN, forms, values

#: Characters of evidence that are kept.
MOST = 4000
#: The settings with this service's own id and secret at a platform. Both together are sent as Basic.
APPS = (("X_CLIENT_ID", "X_CLIENT_SECRET"),)


def redact(detail: str, *credentials: Any) -> str:
    """This will give `detail` without any secret of these credentials or of this service, at most MOST characters.

    Give every state the credentials had during the attempt. A secret is found as it is, in JSON, in a URL, in a repr,
    and cut off at the end: a platform's answer reaches us shortened. Web tokens are found whoever gave them.
    """
    detail = printable(detail)
    secrets = {*values(credentials), *_of_this_service()}
    written = {printable(form) for secret in secrets for form in forms(secret)}
    longest_first = sorted((form for form in written if len(form) >= SHORTEST), key=len, reverse=True)
    for form in longest_first:
        detail = detail.replace(form, HIDDEN)
    if cut := max((_cut(detail, form) for form in longest_first), default=0):
        detail = detail[:-cut] + HIDDEN
    return WEB_TOKEN.sub(HIDDEN, detail)[:MOST]


def story(error: Exception, *credentials: Any) -> str:
    """The stack of an exception, which may quote a request, without any of these secrets."""
    return redact("".join(format_exception(error)), *credentials)


def _cut(detail: str, form: str) -> int:
    """How many characters at the end are the beginning of a secret."""
    longest = min(len(form), len(detail))
    return next((size for size in range(longest, SHORTEST - 1, -1) if detail.endswith(form[:size])), 0)


def _of_this_service() -> Iterator[str]:
    for id_name, secret_name in APPS:
        client_id, secret = getattr(settings, id_name), getattr(settings, secret_name)
        if secret:
            yield from values([secret, base64.b64encode(f"{client_id}:{secret}".encode()).decode()])
