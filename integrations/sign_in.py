"""Connecting an account in the browser: out to the platform's consent page with a state, and back with a code.

OAuth 2.0 with PKCE (RFC 7636, S256). What comes back works once: a conditional UPDATE ends the sign-in before its
code is exchanged, so of two that come with one state one goes on, and no transaction is open while the platform is
asked. The platform's functions are loaded when they are needed: most web processes never need them.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

from . import asking
from .connect import connect, require_connectable, require_live
from .models import ApiKey, Integration, SignIn, Workspace
from .models.api_key import digest
from .platforms.base import Rules
from .platforms.connecting import Connection
from .platforms.errors import PublishError

#: How long a person may take on the consent page.
LIFE = timedelta(minutes=10)
#: How long a sign-in is known after that, so that the page can tell "too late" from "never begun".
KNOWN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the person, and what the platform sends back with them."""

    url: str
    state: str
    redirect_uri: str


class Over(Exception):
    """A state that leads nowhere: the title says why, the message more, to the person in the browser."""

    def __init__(self, title: str, message: str) -> None:
        super().__init__(message)
        self.title = title


def begin(
    *, workspace: Workspace, rules: Rules, now: datetime, api_key: ApiKey | None = None, user: Any = None
) -> Begun:
    """This will give the address of the platform's consent page. A key or a person of our own begins it.

    Raises CannotConnect, and NotNow (`app_not_configured`) when this service has no app there.
    """
    require_connectable(rules)
    require_live(workspace)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    redirect_uri = callback_of(rules)
    url = _load(rules, "authorize_url")(redirect_uri=redirect_uri, state=state, code_challenge=challenge)
    SignIn.objects.filter(expires_at__lt=now - KNOWN).delete()
    SignIn.objects.create(
        workspace=workspace,
        platform=rules.name,
        state_hash=digest(state),
        verifier=verifier,
        redirect_uri=redirect_uri,
        api_key=api_key,
        user=user,
        created_at=now,
        expires_at=now + LIFE,
    )
    return Begun(url, state, redirect_uri)


def callback_of(rules: Rules) -> str:
    """The address to which the platform sends people back, as its operator has registered it there."""
    return f"{settings.OPENPOST_URL}{reverse('integration-callback', args=[_address_of(rules)])}"


def end(*, rules: Rules, state: str, user: Any, now: datetime) -> SignIn:
    """This will end the sign-in that `state` belongs to, for whoever comes first. Raises Over.

    `user` is who is signed in here in that browser; it matters when a person began it.
    """
    found = SignIn.objects.select_related("workspace").filter(state_hash=digest(state), platform=rules.name).first()
    if found is None:
        raise Over("No such sign-in", f"No sign-in at {rules.label} was begun here that leads to this address.")
    if found.user_id is not None and found.user_id != user.pk:
        raise Over("Somebody else’s sign-in", "Another person began this sign-in, or you are signed out here.")
    if SignIn.objects.waiting(now=now).filter(id=found.id).update(ended_at=now):
        return found
    found.refresh_from_db()
    if found.ended_at:
        raise Over("Already used", "This sign-in has come back before, and works once. What came of it then holds.")
    if found.expires_at <= now:
        raise Over("Too late", "This sign-in took longer than ten minutes.")
    raise Over("No longer possible", "The API key that began this sign-in does not work any more.")


def finish(sign_in: SignIn, *, rules: Rules, code: str, now: datetime) -> Integration:
    """This will turn the platform's code into a connected account. The code may live for seconds only: do it at once.

    Raises a PublishError of the platform's, and CannotConnect.
    """
    found: Connection = _load(rules, "exchange")(
        code=code, code_verifier=sign_in.verifier, redirect_uri=sign_in.redirect_uri, now=now
    )
    return connect(workspace=sign_in.workspace, platform=rules.name, connection=found, now=now)


def with_credentials(*, workspace: Workspace, rules: Rules, answers: Mapping[str, str], now: datetime) -> Connection:
    """This will sign in with what a person has said, `answers` to the platform's questions; nothing is written.

    Raises a PublishError: NotNow (`rate_limited`) also when too many are being signed in at this moment.
    """
    with asking.place(workspace.id):
        found: Connection = import_string(rules.sign_in.replace(":", "."))(**answers, now=now)
    return found


def blamed(error: PublishError, rules: Rules) -> str | None:
    """The name of the question whose answer an error is about; None when it is about none, or about all."""
    return next((one.name for one in rules.questions if error.code == f"invalid_{one.name}"), None)


def _address_of(rules: Rules) -> str:
    """The platform's name as people write it: in the address that its operator has registered."""
    return next(iter(rules.aliases), rules.name)


def _load(rules: Rules, function: str) -> Any:
    return import_string(f"{rules.oauth}.{function}")
