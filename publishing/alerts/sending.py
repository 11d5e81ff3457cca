"""The letters: written once for each alert that is due to be told, and sent until the mail server has taken them."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet

from openpost import clock
from posts.telling import cut

from ..models import Alert, AlertKind, Letter
from . import people
from .letters import message

log = logging.getLogger(__name__)

#: How many alerts a workspace is told of in PER; more of them wait, and gather meanwhile.
MOST, PER = 5, timedelta(hours=1)
#: The first wait after a mail server did not take a letter; doubled from then on, up to LONGEST, until GIVE_UP.
FIRST, LONGEST, GIVE_UP = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: How long one try may take until another process may begin one.
LEASE = timedelta(minutes=2)
#: Letters sent in one round.
BATCH = 50
#: What mends itself without anybody's noticing, so that it is said.
SAID_WHEN_CURED = (AlertKind.OVERDUE, AlertKind.SERVICE)


def write(*, now: datetime) -> None:
    """This will write the letters of what is to be told now, and of what was told and is cured."""
    for alert in Alert.objects.filter(cured_at=None, told_at=None, tell_at__lte=now).order_by("tell_at", "id"):
        if _has_room(alert, now=now):
            _write(alert, people.addresses(alert), cured=False, now=now)
            Alert.objects.filter(id=alert.id).update(told_at=now)
    told = Letter.objects.filter(alert=OuterRef("id"), cured=False, sent_at__isnull=False)
    said = Letter.objects.filter(alert=OuterRef("id"), cured=True)
    well = Alert.objects.filter(Exists(told), ~Exists(said), kind__in=SAID_WHEN_CURED, cured_at__gt=now - GIVE_UP)
    for alert in well:
        heard = alert.letters.filter(cured=False, sent_at__isnull=False).values_list("address", flat=True)
        still_told = set(people.addresses(alert))
        _write(alert, [address for address in heard if address in still_told], cured=True, now=now)


def send(*, now: datetime) -> int:
    """This will send what is due, and give how many the mail server took. No transaction may be open."""
    taken = 0
    for letter in _due(now)[:BATCH]:
        claimed = _due(now).filter(id=letter.id, due_at=letter.due_at)
        if claimed.update(due_at=now + LEASE, tries=F("tries") + 1):
            letter.tries += 1
            taken += _send(letter)
    return taken


def _due(now: datetime) -> QuerySet[Letter]:
    """What is too old is left, also what could not even be written."""
    rows = Letter.objects.filter(due_at__lte=now, created_at__gt=now - GIVE_UP).order_by("due_at")
    return rows.select_related("alert__workspace", "alert__integration").defer("alert__integration__credentials")


def _has_room(alert: Alert, *, now: datetime) -> bool:
    """Whoever runs the service has few causes, and hears of each."""
    if alert.workspace_id is None:
        return True
    return Alert.objects.filter(workspace=alert.workspace_id, told_at__gt=now - PER).count() < MOST


def _write(alert: Alert, addresses: list[str], *, cured: bool, now: datetime) -> None:
    if not settings.MAIL_IS_SET_UP:
        return
    letters = [Letter(alert=alert, address=address, cured=cured, due_at=now, created_at=now) for address in addresses]
    Letter.objects.bulk_create(letters, ignore_conflicts=True)


def _send(letter: Letter) -> bool:
    try:
        # A connection for each: one refused letter must not take the others with it.
        message(letter).send()
    except (SMTPException, OSError) as error:
        _failed(letter, error)
        return False
    Letter.objects.filter(id=letter.id).update(due_at=None, sent_at=clock.now(), error="")
    return True


def _failed(letter: Letter, error: Exception) -> None:
    now = clock.now()
    wait = min(FIRST * (1 << min(letter.tries - 1, 10)), LONGEST)
    over = _is_final(error) or now + wait > letter.created_at + GIVE_UP
    said = cut(f"{type(error).__name__}: {error}", 500)
    log.warning("A letter was not taken (try %s, %s): %s", letter.tries, "given up" if over else "tried again", said)
    Letter.objects.filter(id=letter.id).update(due_at=None if over else now + wait, error=said)


def _is_final(error: Exception) -> bool:
    """Whether the mail server will not take it at any time: 5xx for the recipient or the text. RFC 5321, 4.2.1."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code >= 500
