"""Signing in at a Bluesky server by app password, and keeping the session alive.

A session is kept and refreshed, never opened per post: servers allow few sign-ins a day.
https://docs.bsky.app/docs/advanced-guides/rate-limits
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from atproto_core.did_doc import DidDocument
from atproto_core.exceptions import AtProtocolError

from ..client import Account
from ..connecting import Connection, Tokens
from ..errors import Disconnected, NotNow, PublishError, Rejected
from . import sorting
from .bounded import Bounds
from .xrpc import Failed, bounds, procedure

DEFAULT_SERVICE = "https://bsky.social"
APP_PASSWORDS = "https://bsky.app/settings/app-passwords"
# The scope of a session that was opened with the account's main password.
# https://github.com/bluesky-social/atproto/blob/main/packages/pds/src/auth-scope.ts
FULL_ACCESS = "com.atproto.access"
# For a server whose tokens do not tell when they end. Bluesky's own live two hours.
UNTOLD_LIFE = timedelta(hours=1)
# Seconds. A refresh may be two calls, and has to end within its lease.
REFRESH_TIMEOUT = httpx.Timeout(7, connect=5)
REFRESH_WITHIN = 20.0

_CREATE = "com.atproto.server.createSession"
_REFRESH = "com.atproto.server.refreshSession"


def connect(*, identifier: str, password: str, service: str = DEFAULT_SERVICE, now: datetime) -> Connection:
    """This will sign in with a handle, DID or e-mail address and an app password at the account's own service.

    Raises Rejected (`invalid_service`, `invalid_credentials`, `app_password_required`), Disconnected for an account
    that is closed, NotNow when the service could not be asked.
    """
    service = normalised(service)
    identifier = identifier.strip().removeprefix("@")
    try:
        session = procedure(service, _CREATE, {"identifier": identifier, "password": password.strip()})
    except Failed as failed:
        raise _sign_in_refused(failed) or sorting.asking(failed) from failed
    tokens = _tokens(session, service=service, app_password=password.strip(), known={}, now=now)
    if _claims(session["accessJwt"]).get("scope") == FULL_ACCESS:
        raise Rejected(
            f"That is the account's main password, which opens everything. Make an app password at {APP_PASSWORDS} "
            "and connect with it.",
            code="app_password_required",
        )
    handle = tokens.credentials["handle"]
    return Connection(remote_id=session["did"], username=handle, display_name=handle, tokens=tokens)


def refresh(account: Account, *, now: datetime) -> Tokens:
    """This will renew the session, or open a new one with the app password if the old one has ended.

    Safe to repeat: for two hours a spent refresh token yields the same successor. Raises Disconnected when the app
    password is refused too, NotNow for everything else.
    """
    held, within = account.credentials, bounds(REFRESH_WITHIN)
    service, app_password = held["service"], held.get("app_password", "")
    try:
        session = procedure(service, _REFRESH, token=held["refresh_jwt"], timeout=REFRESH_TIMEOUT, within=within)
    except Failed as failed:
        error = sorting.asking(failed)
        if not (isinstance(error, NotNow) and error.token_refused):
            raise error from failed
        session = _sign_in_again(service, account.remote_id, app_password, within=within)
    return _tokens(session, service=service, app_password=app_password, known=held, now=now)


def normalised(service: str) -> str:
    """The service's address as scheme and host; https unless told otherwise. Raises Rejected (`invalid_service`)."""
    address = service.strip()
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.username and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.path.strip("/") or parts.query or parts.fragment:
        raise Rejected(
            f"“{service}” is not the address of a Bluesky server. Give it like {DEFAULT_SERVICE}.",
            code="invalid_service",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _sign_in_again(service: str, did: str, app_password: str, *, within: Bounds) -> dict[str, Any]:
    body = {"identifier": did, "password": app_password}
    try:
        return procedure(service, _CREATE, body, timeout=REFRESH_TIMEOUT, within=within)
    except Failed as failed:
        if _sign_in_refused(failed):
            raise Disconnected(
                f"{failed.host} no longer accepts the app password; it may have been revoked. "
                "Make a new one and connect the account again.",
                detail=failed.detail,
            ) from failed
        raise sorting.asking(failed) from failed


def _sign_in_refused(failed: Failed) -> PublishError | None:
    """The error when the server has looked at the password and said no; None when it said something else."""
    if failed.error == "AuthFactorTokenRequired":
        return Rejected(
            f"{failed.host} asks for a second factor, so that was the main password. Make an app password at "
            f"{APP_PASSWORDS} and connect with it.",
            code="app_password_required",
            detail=failed.detail,
        )
    if failed.answer and failed.error not in sorting.ACCOUNT_GONE and failed.answer.status == 401:
        return Rejected(
            f"{failed.host} does not accept this name and app password. Check both, and that the account lives there.",
            code="invalid_credentials",
            detail=failed.detail,
        )
    if failed.error == "InvalidRequest":
        return Rejected(
            f"{failed.host} cannot read this sign-in: {failed.detail}", code="invalid_credentials", detail=failed.detail
        )
    return None


def _tokens(
    session: Mapping[str, Any], *, service: str, app_password: str, known: Mapping[str, Any], now: datetime
) -> Tokens:
    if not all(isinstance(session.get(name), str) for name in ("did", "handle", "accessJwt", "refreshJwt")):
        raise NotNow(f"{urlsplit(service).hostname} does not answer like a Bluesky server. Check its address.")
    if known and session["did"] != known["did"]:
        raise Disconnected("The server answered for another account. Connect the account again.")
    credentials = {
        "service": service,
        "pds": _pds(session, service=service) or known.get("pds", ""),
        "did": session["did"],
        # A handle that does not lead back to the account is no address for people.
        "handle": session["did"] if session["handle"] == "handle.invalid" else session["handle"],
        "access_jwt": session["accessJwt"],
        "refresh_jwt": session["refreshJwt"],
        "app_password": app_password,
    }
    return Tokens(credentials=credentials, expires_at=_ends(session["accessJwt"], now=now))


def _pds(session: Mapping[str, Any], *, service: str) -> str:
    """The server that holds the account's posts, from its DID document; "" if none is named or it is less safe."""
    try:
        endpoint = DidDocument.from_dict(session["didDoc"]).get_pds_endpoint() or ""
        address = normalised(endpoint) if endpoint else ""
    except (AtProtocolError, KeyError, TypeError, ValueError, Rejected):
        return ""
    return "" if service.startswith("https:") and not address.startswith("https:") else address


def _ends(token: str, *, now: datetime) -> datetime:
    exp = _claims(token).get("exp")
    return datetime.fromtimestamp(exp, UTC) if isinstance(exp, int) else now + UNTOLD_LIFE


def _claims(token: str) -> dict[str, Any]:
    """What a token says of itself, unverified: hints, not proofs. Empty for one that is no JWT."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
