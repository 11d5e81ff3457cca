"""Keeping a session alive at a Bluesky server. Loaded by workers.

A session is kept and refreshed, never opened per post: servers allow few sign-ins a day.
https://docs.bsky.app/docs/advanced-guides/rate-limits
"""

from datetime import datetime
from typing import Any

import httpx

from ..client import Account
from ..connecting import Tokens
from ..errors import Disconnected, NotNow
from . import sorting
from .bounded import Bounds
from .connect import CREATE, refusal, tokens_of
from .repository import server
from .xrpc import Failed, bounds, procedure, query

# Seconds. A refresh may be two calls, and has to end within its lease.
REFRESH_TIMEOUT = httpx.Timeout(7, connect=5)
REFRESH_WITHIN = 20.0

_SESSION = "com.atproto.server.getSession"
_REFRESH = "com.atproto.server.refreshSession"


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
    return tokens_of(session, service=service, app_password=app_password, known=held, now=now)


def check(account: Account, *, now: datetime) -> None:
    """This will ask the server whose session this is. Raises Disconnected or NotNow; a session changes nothing by it.

    https://docs.bsky.app/docs/api/com-atproto-server-get-session
    """
    token, within = account.credentials["access_jwt"], bounds(REFRESH_WITHIN)
    try:
        session = query(server(account), _SESSION, token=token, within=within)
    except Failed as failed:
        raise sorting.harmless(failed) from failed
    if session.get("did") != account.remote_id:
        raise Disconnected("The server answered for another account. Connect the account again.")


def _sign_in_again(service: str, did: str, app_password: str, *, within: Bounds) -> dict[str, Any]:
    body = {"identifier": did, "password": app_password}
    try:
        return procedure(service, CREATE, body, timeout=REFRESH_TIMEOUT, within=within)
    except Failed as failed:
        answer = failed.answer
        if answer and refusal(failed.host, status=answer.status, error=failed.error, detail=failed.detail):
            raise Disconnected(
                f"{failed.host} no longer accepts the app password; it may have been revoked. "
                "Make a new one and connect the account again.",
                detail=failed.detail,
            ) from failed
        raise sorting.asking(failed) from failed
