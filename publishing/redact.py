"""Keeping secrets out of the evidence."""

import base64
import json
import re
from collections.abc import Iterator
from traceback import format_exception
from typing import Any
from urllib.parse import quote

from django.conf import settings

from integrations.platforms.errors import printable

#: Characters of evidence that are kept.
MOST = 4000
#: Shorter values are everywhere in a text by chance.
SHORTEST = 8
#: What credentials hold beside the secrets: evidence without it is of no use.
PUBLIC = {"service", "pds", "did", "handle", "scope"}
#: The settings with this service's own id and secret at a platform. Both together are sent as Basic.
APPS = (("X_CLIENT_ID", "X_CLIENT_SECRET"),)

#: A JSON Web Token, whole or cut off: some are given for one call only, and stand in no credentials (Bluesky's video
#: service gets such). https://www.rfc-editor.org/rfc/rfc7519#section-3
_WEB_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{5,}(\.[A-Za-z0-9_-]*){0,2}")

_HIDDEN = "[secret]"


def redact(detail: str, *credentials: Any) -> str:
    """This will give `detail` without any secret of these credentials or of this service, at most MOST characters.

    Give every state the credentials had during the attempt. A secret is found as it is, in JSON, in a URL, in a repr,
    and cut off at the end: a platform's answer reaches us shortened. Web tokens are found whoever gave them.
    """
    detail = printable(detail)
    secrets = {*_values(credentials), *_of_this_service()}
    forms = sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True)
    for form in forms:
        detail = detail.replace(form, _HIDDEN)
    if cut := max((_cut(detail, form) for form in forms), default=0):
        detail = detail[:-cut] + _HIDDEN
    return _WEB_TOKEN.sub(_HIDDEN, detail)[:MOST]


def story(error: Exception, *credentials: Any) -> str:
    """The stack of an exception, which may quote a request, without any of these secrets."""
    return redact("".join(format_exception(error)), *credentials)


def _cut(detail: str, form: str) -> int:
    """How many characters at the end are the beginning of a secret."""
    longest = min(len(form), len(detail))
    return next((size for size in range(longest, SHORTEST - 1, -1) if detail.endswith(form[:size])), 0)


def _forms(secret: str) -> Iterator[str]:
    yield printable(secret)
    yield printable(json.dumps(secret)[1:-1])
    yield printable(json.dumps(secret, ensure_ascii=False)[1:-1])
    yield quote(secret, safe="", errors="replace")
    yield printable(repr(secret)[1:-1])


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(printable(value)) >= SHORTEST:
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            if name not in PUBLIC:
                yield from _values(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _values(item)


def _of_this_service() -> Iterator[str]:
    for id_name, secret_name in APPS:
        client_id, secret = getattr(settings, id_name), getattr(settings, secret_name)
        if secret:
            yield from _values([secret, base64.b64encode(f"{client_id}:{secret}".encode()).decode()])
