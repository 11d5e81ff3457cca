"""Where somebody's alerts go: an address is theirs once they have opened the link that was sent to it.

Nothing is kept of it until then: the link says, signed, whose it is, and which address is to take the place of which.
So one that has been used, or was overtaken by another, is good no longer.
"""

from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Count
from django.template.loader import render_to_string
from django.urls import reverse

from integrations.models import AuditAction, AuditEntry
from integrations.people.record import put_on_record

#: How long a link is good, and how many are sent for one person in PER: the address may be a stranger's.
GOOD_FOR = timedelta(days=1)
MOST, PER = 5, timedelta(hours=1)
_SALT = "publishing.alerts.addresses"


class CannotAsk(Exception):
    """Why no link was sent, in a sentence."""


def ask(user: Any, address: str, *, now: datetime) -> None:
    """This will send a link to an address, by which its owner says that the person's alerts shall go there.

    Raises CannotAsk. No transaction may be open: it waits for the mail server.
    """
    if not settings.MAIL_IS_SET_UP:
        raise CannotAsk("No mail server is set up (EMAIL_URL): nobody can show that an address is theirs.")
    if address == user.email:
        raise CannotAsk(f"Your alerts go to {address} already.")
    _note(user, address, now=now)
    token = signing.dumps({"user": user.pk, "from": user.email, "to": address}, salt=_SALT)
    link = f"{settings.OPENPOST_URL}{reverse('admin-alerts-confirm')}?token={token}"
    mail = EmailMessage(
        subject="[OpenPost] Shall your alerts come here?",
        body=render_to_string("alerts/address.txt", {"person": user.get_username(), "link": link}),
        to=[address],
        headers={"Auto-Submitted": "auto-generated"},  # https://www.rfc-editor.org/rfc/rfc3834#section-5
    )
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        raise CannotAsk(f"The mail server did not take a letter to {address}: try again later.") from error


def asked(user: Any, token: str) -> str | None:
    """The address that a link is about; None when it is too old, was used, is another person's, or none of ours."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    wanted: str = said["to"]
    return wanted if (said["user"], said["from"]) == (user.pk, user.email) else None


@transaction.atomic
def confirm(user: Any, token: str) -> str | None:
    """This will let the person's alerts go where the link was sent, and give that address; None as `asked` does."""
    address = asked(user, token)
    return address if address and _change(user, address) else None


@transaction.atomic
def forget(user: Any) -> None:
    """This will send the person's alerts nowhere from now on."""
    _change(user, "")


def _change(user: Any, address: str) -> bool:
    """Only while it is what was looked at: of two links that were sent, one is used."""
    was: str = user.email
    if was == address or not get_user_model().objects.filter(pk=user.pk, email=was).update(email=address):
        return False
    put_on_record(AuditAction.ALERT_ADDRESS_CHANGED, user, before={"email": was}, after={"email": address})
    user.email = address
    return True


@transaction.atomic
def _note(user: Any, address: str, *, now: datetime) -> None:
    """This will put on record that a link is sent, unless enough have been."""
    get_user_model().objects.select_for_update(no_key=True).get(pk=user.pk)
    lately = AuditEntry.objects.filter(
        action=AuditAction.ALERT_ADDRESS_ASKED, subject_type="user", subject_id=str(user.pk), at__gt=now - PER
    )
    # Each stands in the log of every workspace of theirs.
    numbers = lately.order_by().values("workspace").annotate(number=Count("id")).values_list("number", flat=True)
    if max(numbers, default=0) >= MOST:
        raise CannotAsk(f"{MOST} links were sent in the last hour: look for one of them, or try again later.")
    put_on_record(AuditAction.ALERT_ADDRESS_ASKED, user, after={"email": address})
