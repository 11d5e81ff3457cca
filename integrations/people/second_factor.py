"""A second factor of somebody's sign-in: set up, confirmed, asked for, and taken away.

Its seed lies encrypted (openpost/crypto.py), its recovery codes as hashes. Each try locks the row: of two with one code
one is taken, and who is mistaken often has to wait, longer each time.
"""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from integrations.models import AuditAction, SecondFactor

from . import sessions, totp
from .record import put_on_record

#: Mistakes that cost no wait. Each one more doubles it, from a second up to `LONGEST_WAIT`.
FREE = 3
LONGEST_WAIT = timedelta(minutes=15)
RECOVERY_CODES = 10


class HasToWait(Exception):
    """Too many mistakes: no code is looked at before `seconds` have passed."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many mistakes. Try again in {seconds} seconds.")
        self.seconds = seconds


def is_on(user: Any) -> bool:
    """Whether the person is asked for it when they sign in."""
    return SecondFactor.objects.on().filter(user=user).exists()


def begin(user: Any) -> None:
    """This will make a factor that is to be set up, if none is on: its seed is shown until it is confirmed.

    Always a new seed: somebody else may have looked at one that was left lying.
    """
    SecondFactor.objects.being_set_up().filter(user=user).delete()
    SecondFactor.objects.get_or_create(user=user, defaults={"seed": totp.new_seed()})


def pending(user: Any) -> SecondFactor | None:
    """The factor that is being set up; None when there is none, or it is on already."""
    return SecondFactor.objects.being_set_up().filter(user=user).first()


@transaction.atomic
def confirm(request: HttpRequest, code: str, *, password: str, now: datetime) -> list[str] | None:
    """This will turn it on, since the device shows the right code, and end all the person's other sessions: both, or
    neither. Gives the recovery codes, which are shown once; `password` is the person's own.

    None when the code is not right, or it was on already.
    """
    user: Any = request.user
    factor = SecondFactor.objects.select_for_update().get(user=user)
    if factor.is_on or not _taken(factor, code, now=now):
        return None
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    factor.confirmed_at, factor.recovery = now, [_hash(user, one) for one in codes]
    factor.save(update_fields=["confirmed_at", "recovery"])
    put_on_record(AuditAction.SECOND_FACTOR_ON, user)
    sessions.end_others(request, password=password)
    return codes


def check(user: Any, code: str, *, now: datetime) -> bool:
    """Whether this is a code of the person's device, or a recovery code: each is taken once. Raises HasToWait."""
    with transaction.atomic():
        factor = SecondFactor.objects.on().select_for_update().get(user=user)
        _require_patience(factor, now=now)
        if _taken(factor, code, now=now):
            return True
        if _recovers(factor, code):
            put_on_record(AuditAction.RECOVERY_CODE_USED, user, after={"left": len(factor.recovery)})
            return True
        factor.failures, factor.failed_at = factor.failures + 1, now
        factor.save(update_fields=["failures", "failed_at"])
        put_on_record(AuditAction.SECOND_FACTOR_FAILED, user)
    return False


@transaction.atomic
def remove(user: Any) -> None:
    """This will take it away: the password alone is asked for from then on."""
    if SecondFactor.objects.filter(user=user).delete()[0]:
        put_on_record(AuditAction.SECOND_FACTOR_OFF, user)


def _taken(factor: SecondFactor, code: str, *, now: datetime) -> bool:
    step = totp.step_of(factor.seed, _plain(code), at=now.timestamp(), after=factor.last_step)
    if step is None:
        return False
    factor.last_step, factor.failures = step, 0
    factor.save(update_fields=["last_step", "failures"])
    return True


def _recovers(factor: SecondFactor, code: str) -> bool:
    hashed = _hash(factor.user, code)
    if hashed not in factor.recovery:
        return False
    factor.recovery, factor.failures = [one for one in factor.recovery if one != hashed], 0
    factor.save(update_fields=["recovery", "failures"])
    return True


def _require_patience(factor: SecondFactor, *, now: datetime) -> None:
    if factor.failures < FREE or factor.failed_at is None:
        return
    wait = min(timedelta(seconds=2 ** min(factor.failures - FREE, 20)), LONGEST_WAIT)
    left = (factor.failed_at + wait - now).total_seconds()
    if left > 0:
        raise HasToWait(int(left) + 1)


def _new_code() -> str:
    """50 bits, as people write them down: `abcde-fghij`."""
    letters = base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10]
    return f"{letters[:5]}-{letters[5:]}"


def _hash(user: Any, code: str) -> str:
    return salted_hmac(f"recovery code of {user.pk}", _plain(code), algorithm="sha256").hexdigest()


def _plain(code: str) -> str:
    """As it was meant, whatever spaces, hyphens and capitals it was typed with."""
    return code.replace(" ", "").replace("-", "").lower()
