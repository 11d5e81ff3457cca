"""Whether somebody is told when something goes wrong."""

from collections.abc import Iterator
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import get_connection

from integrations.models import Workspace

from ..alerts import people
from ..health.finding import Finding, bad, good, warning


def configured() -> Iterator[Finding]:
    if not settings.MAIL_IS_SET_UP:
        yield warning("mail", "No mail server is named: nobody is told when something fails.", "Set EMAIL_URL.")
    if settings.OPERATORS:
        yield good("operators", f"{len(settings.OPERATORS)} are told when the service is not well.")
    else:
        yield warning("operators", "Nobody is told when the service is not well.", "Set OPERATORS to their addresses.")


def reachable() -> Iterator[Finding]:
    """This will sign in at the mail server, and send nothing."""
    if not settings.MAIL_IS_SET_UP:
        return
    try:
        with get_connection():
            yield good("mail", "The mail server takes our letters.")
    except (SMTPException, OSError) as error:
        yield bad("mail", f"The mail server does not take our letters ({type(error).__name__}).", "Mend EMAIL_URL.")


def heard() -> Iterator[Finding]:
    if settings.MAIL_IS_SET_UP:
        for sentence in people.nowhere_to_go(Workspace.objects.order_by("name")):
            yield warning("alerts", sentence, "Give an owner an address, under Alerts in admin.")
