"""Whether we may still speak for each account. This is where a platform's library is loaded, when it is asked."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.module_loading import import_string

from integrations.models import Integration, IntegrationStatus, PlatformRest
from integrations.platforms import registry
from integrations.platforms.client import Account
from integrations.platforms.errors import NotNow, PublishError
from openpost import clock
from openpost.crypto import Unreadable
from posts.telling import listed, moment, span

from ..health.finding import Finding, bad, good, warning
from ..redact import redact

#: Accounts that are looked at, those that were connected last first.
MOST = 200
CONNECT = "Connect it again, in admin under Accounts."


def look(*, offline: bool) -> Iterator[Finding]:
    """One finding for each account that is in use, and one for each platform that rests as a whole."""
    now = clock.now()
    for rest in PlatformRest.objects.lasting(now=now):
        what = f"Nothing goes out there until {moment(rest.until)}: {rest.reason}"
        yield bad(f"platform_{rest.platform}", what, "Put that right, then end the rest in admin, under Accounts.")
    accounts = Integration.objects.exclude(status=IntegrationStatus.DISCONNECTED).select_related("workspace")
    for account in accounts.order_by("-connected_at")[:MOST]:
        yield _account(account, offline=offline, now=now)


def _account(account: Integration, *, offline: bool, now: datetime) -> Finding:
    name, rules = f"account_{account.id}", registry.by_name(account.platform)
    who = f"{account} in {account.workspace}"
    if account.status == IntegrationStatus.NEEDS_REFRESH:
        return bad(name, f"{who} must be connected again: {account.status_reason}", CONNECT)
    if isinstance(account.credentials, Unreadable):
        return bad(name, f"No key of CREDENTIAL_KEYS opens the credentials of {who}.", "See the line about encryption.")
    if account.workspace.is_sandbox or rules is None:
        return good(name, f"{who}: the sandbox network.")
    granted = str(account.credentials.get("scope", "")).split()
    if granted and (missing := [scope for scope in rules.scopes if scope not in granted]):
        return bad(name, f"{who} has not allowed us {listed(missing)}.", CONNECT)
    if account.resting_until and account.resting_until > now:
        what = f"{who} rests until {moment(account.resting_until)}, as {rules.label} asked."
        return warning(name, what, "Its posts go out by themselves then.")
    ends = account.token_expires_at
    if ends and ends <= now:
        what = f"{who}: its access ended {span(now - ends)} ago and is renewed when it is next used."
        return warning(name, what, "If that lasts, see that a worker and beat run.")
    if offline or not rules.check:
        return good(name, f"{who}: access {f'until {moment(ends)}' if ends else 'without an end'}.")
    return _asked(account, name, who, rules.check)


def _asked(account: Integration, name: str, who: str, check: str) -> Finding:
    try:
        import_string(check.replace(":", "."))(
            Account(account.id, account.platform, account.remote_id, account.username, account.credentials),
            now=timezone.now(),
        )
    except NotNow as error:
        if not error.token_refused:
            what = f"{who} could not be asked about: {redact(error.message, account.credentials)}"
            return warning(name, what, "Try again later; with --offline nobody is asked.")
        return _refused(account, name, who, error)
    except PublishError as error:
        return _refused(account, name, who, error)
    return good(name, f"{who}: the platform accepts our access.")


def _refused(account: Integration, name: str, who: str, error: PublishError) -> Finding:
    return bad(name, f"{who} is refused: {redact(error.message, account.credentials)}", CONNECT)
