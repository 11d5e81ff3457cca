"""Keeping secrets out of what is written for people: logs, error reports, the evidence of attempts.

Three nets, one behind the other. What the environment names as a secret; what looks like one; and, in lines that tell
of trouble, what this process has decrypted of late. No Django here: gunicorn writes its first lines before there is
any.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

HIDDEN = "[secret]"
#: Shorter values are everywhere in a text by chance.
SHORTEST = 8
#: What credentials hold beside the secrets: evidence without it is of no use.
PUBLIC = {"service", "pds", "did", "handle", "scope"}
#: Decrypted values that are remembered: those of a few hundred accounts.
MOST_REMEMBERED = 1000

#: A JSON Web Token, whole or cut off: some are given for one call only, and stand in no credentials (Bluesky's video
#: service gets such). https://www.rfc-editor.org/rfc/rfc7519#section-3
WEB_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{5,}(\.[A-Za-z0-9_-]*){0,2}")

#: A variable of the environment that is a secret itself, and one that is an address with a password in it.
_SECRET_NAME = re.compile(r"(SECRET|TOKEN|PASSWORD|_KEYS?|_HEADERS)$")
_ADDRESS_NAME = re.compile(r"(_URL|_DSN)$")
#: Keys of our own API and webhooks.
_OURS = re.compile(r"\b(op_(live|test)_|whsec_)[A-Za-z0-9+/_=-]{8,}")
_SENT_AS = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9+/._~=-]{8,}", re.IGNORECASE)
_NAMED = re.compile(
    r"""(?P<name>["']?\b[a-z_]*(?:_token|_secret|secret_key|password|passwd|api_?key|code_verifier|authorization)\b["']?
        \s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&"']+)""",
    re.IGNORECASE | re.VERBOSE,
)
_IN_ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s@]*:[^/\s@]*@", re.IGNORECASE)
#: PostgreSQL quotes the row that it refused, texts and credentials and all.
_ROW = re.compile(r"(?P<said>DETAIL:\s*(?:Failing row contains|Key )).*")

_SAME_EVERYWHERE = re.compile(r"[A-Za-z0-9_.~-]+")

_remembered: dict[str, None] = {}


def hide(text: str, *, trouble: bool = True) -> str:
    """This will give `text` without secrets. `trouble`: it may quote what nobody foresaw, so all nets are used."""
    if environment := _of_environment():
        text = environment.sub(HIDDEN, text)
    for looks in (WEB_TOKEN, _OURS, _SENT_AS):
        text = looks.sub(HIDDEN, text)
    if trouble:
        text = _NAMED.sub(rf"\g<name>{HIDDEN}", text)
        text = _IN_ADDRESS.sub(rf"\g<scheme>{HIDDEN}@", text)
        text = _ROW.sub(rf"\g<said> {HIDDEN}", text)
        for secret in list(_remembered):
            text = text.replace(secret, HIDDEN)
    return text


def remember(value: Any) -> None:
    """This will have `hide` know the secrets in a decrypted value; those of longest ago are forgotten."""
    for secret in values(value):
        if secret not in _remembered:
            _remembered.update(dict.fromkeys(forms(secret)))
    while len(_remembered) > MOST_REMEMBERED:
        _remembered.pop(next(iter(_remembered), ""), None)


def values(value: Any) -> Iterator[str]:
    """This will give the secrets in credentials: their texts, but those under a PUBLIC name."""
    if isinstance(value, str) and len(value) >= SHORTEST:
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name not in PUBLIC:
                yield from values(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from values(item)


def forms(secret: str) -> set[str]:
    """This will give the secret as it is, and as JSON, a URL or a repr shows it."""
    if _SAME_EVERYWHERE.fullmatch(secret):
        return {secret}
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe="", errors="replace"),
        repr(secret)[1:-1],
    }


@cache
def _of_environment() -> re.Pattern[str] | None:
    """What finds every secret of the environment; read once, since it does not change."""
    found = {form for secret in _secrets(os.environ) for form in forms(secret)}
    return re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True)))) if found else None


def _secrets(environ: Mapping[str, str]) -> Iterator[str]:
    for name, value in environ.items():
        if _ADDRESS_NAME.search(name):
            yield from values([unquote(_password(value))])
        elif _SECRET_NAME.search(name):
            # A list of `<version>:<key>`, or of `<header>=<value>`, is secret piece by piece, too.
            yield from values([value, *re.split(r"[,:]|(?<!=)=(?!=|,|$)", value)])


def _password(address: str) -> str:
    try:
        parts = urlsplit(address)
        return parts.password or (parts.username if parts.scheme.startswith("http") else "") or ""
    except ValueError:
        return ""
