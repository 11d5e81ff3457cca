"""Signing in at a Bluesky server by app password, and signing out.

A person waits for this in a web process, so it does without atproto; and they say where the server is, so it is asked
under the guard of addresses that somebody gave us (openpost/fetching.py). https://docs.bsky.app/docs/api/com-atproto-server-create-session
"""

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from openpost import fetching

from ..client import Account
from ..connecting import Connection, Tokens
from ..errors import Disconnected, NotNow, PublishError, Rejected
from .error_names import ACCOUNT_GONE

DEFAULT_SERVICE = "https://bsky.social"
APP_PASSWORDS = "https://bsky.app/settings/app-passwords"
# The scope of a session that was opened with the account's main password.
# https://github.com/bluesky-social/atproto/blob/main/packages/pds/src/auth-scope.ts
FULL_ACCESS = "com.atproto.access"
# For a server whose tokens do not tell when they end. Bluesky's own live two hours.
UNTOLD_LIFE = timedelta(hours=1)
# Seconds, and bytes, for a whole answer: a person waits for it, and a thread of the web process.
WITHIN = 8.0
ANSWER_SIZE = 256 * 1024
# Characters of the server's own words that are shown.
LONGEST_MESSAGE = 200

# https://atproto.com/specs/did and https://atproto.com/specs/handle
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,240}")
_HANDLE = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+"
)

CREATE = "com.atproto.server.createSession"
_DELETE = "com.atproto.server.deleteSession"


def connect(*, identifier: str, password: str, service: str = DEFAULT_SERVICE, now: datetime) -> Connection:
    """This will sign in with a handle, DID or e-mail address and an app password at the account's own service.

    Raises Rejected (`invalid_service`, `invalid_credentials`, `app_password_required`), Disconnected for an account
    that is closed, NotNow when the service could not be asked.
    """
    service, password = normalised(service), password.strip()
    session = _ask(service, CREATE, {"identifier": identifier.strip().removeprefix("@"), "password": password})
    tokens = tokens_of(session, service=service, app_password=password, known={}, now=now)
    if _claims(session["accessJwt"]).get("scope") == FULL_ACCESS:
        raise Rejected(
            f"That is the account's main password, which opens everything. Make an app password at {APP_PASSWORDS} "
            "and connect with it.",
            code="app_password_required",
        )
    handle = tokens.credentials["handle"]
    return Connection(remote_id=session["did"], username=handle, display_name=handle, tokens=tokens)


def revoke(account: Account) -> None:
    """This will end our session. The app password stays until its owner deletes it: no session of it may do that.

    Raises a PublishError when the server did not say that it is ended.
    """
    _ask(account.credentials["service"], _DELETE, token=account.credentials["refresh_jwt"])


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
        raise _no_service("That is not the address of a Bluesky server.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def refusal(host: str, *, status: int, error: str, detail: str) -> PublishError | None:
    """The error when the server has looked at the password and said no; None when it said something else."""
    if error == "AuthFactorTokenRequired":
        return Rejected(
            f"{host} asks for a second factor, so that was the main password. Make an app password at "
            f"{APP_PASSWORDS} and connect with it.",
            code="app_password_required",
            detail=detail,
        )
    if status == 401 and error not in ACCOUNT_GONE:
        return Rejected(
            f"{host} does not accept this name and app password. Check both, and that the account lives there.",
            code="invalid_credentials",
            detail=detail,
        )
    if error == "InvalidRequest":
        return Rejected(f"{host} cannot read this sign-in: {detail}", code="invalid_credentials", detail=detail)
    return None


def tokens_of(
    session: Mapping[str, Any], *, service: str, app_password: str, known: Mapping[str, Any], now: datetime
) -> Tokens:
    """What a session is worth keeping; what it leaves out and `known` holds is kept."""
    said = [str(session.get(name, "")) for name in ("did", "handle", "accessJwt", "refreshJwt")]
    # The server is whoever a person has named: what it says is shown, logged and stored.
    if not (_DID.fullmatch(said[0]) and _HANDLE.fullmatch(said[1]) and all(one.isascii() and one for one in said)):
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


def _ask(service: str, nsid: str, body: Mapping[str, Any] | None = None, *, token: str = "") -> dict[str, Any]:
    """One call to a server that a person has named. Raises a PublishError."""
    host = urlsplit(service).hostname or service
    loopback = settings.SERVICES_ON_LOOPBACK
    try:
        with fetching.post(
            f"{service}/xrpc/{nsid}",
            json.dumps(body).encode() if body else b"",
            headers={"Authorization": f"Bearer {token}"} if token else {"Content-Type": "application/json"},
            most_bytes=ANSWER_SIZE,
            within=WITHIN,
            schemes=("https", "http") if loopback else ("https",),
            loopback=loopback,
        ) as answer:
            status, said, wait = answer.status, _object(answer.read()), answer.headers.get("Retry-After", "")
    except fetching.Unfetchable as error:
        if error.code in ("address_not_public", "invalid_address"):
            raise _no_service(error.sentence) from error
        raise NotNow(
            f"{host} could not be asked: {error.sentence} If that lasts, check the server's address.",
            code="unreachable",
            detail=str(error),
        ) from error
    if 200 <= status < 300:
        return said
    raise _refused(host, status, said, wait)


def _refused(host: str, status: int, said: Mapping[str, Any], wait: str) -> PublishError:
    error, message = (str(said.get(name) or "")[:LONGEST_MESSAGE] for name in ("error", "message"))
    detail = f"{status} {error}: {message}"[:500]
    if status == 429 or error == "RateLimitExceeded":
        return NotNow(
            f"{host} allows no more sign-ins for now; try later.",
            code="rate_limited",
            detail=detail,
            retry_after=timedelta(seconds=int(wait)) if wait.isdecimal() and len(wait) < 6 else None,
        )
    if error in ACCOUNT_GONE:
        return Disconnected(f"{host} says that this account is deactivated, suspended or gone.", detail=detail)
    return refusal(host, status=status, error=error, detail=message or error) or NotNow(
        f"{host} is not working as a Bluesky server should (HTTP {status}). Check its address.", detail=detail
    )


def _no_service(why: str) -> Rejected:
    return Rejected(f"{why} Give it like {DEFAULT_SERVICE}.", code="invalid_service")


def _object(answer: bytes) -> dict[str, Any]:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _pds(session: Mapping[str, Any], *, service: str) -> str:
    """The server that holds the account's posts, from its DID document; "" if none is named or it is less safe.

    https://atproto.com/specs/did#did-documents
    """
    try:
        (endpoint,) = (
            one["serviceEndpoint"]
            for one in session["didDoc"]["service"]
            if one["id"].endswith("#atproto_pds") and one["type"] == "AtprotoPersonalDataServer"
        )
        address = normalised(endpoint)
    except (AttributeError, KeyError, TypeError, ValueError, Rejected):
        return ""
    return "" if service.startswith("https:") and not address.startswith("https:") else address


def _ends(token: str, *, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(int(_claims(token)["exp"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return now + UNTOLD_LIFE


def _claims(token: str) -> dict[str, Any]:
    """What a token says of itself, unverified: hints, not proofs. Empty for one that is no JWT."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
