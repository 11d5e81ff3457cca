"""What a letter says: the cause, the first posts it struck, what to do, and where."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from integrations.people.current import PARAMETER
from integrations.platforms.registry import label_of
from posts.models import PostTarget
from posts.telling import cut, moment

from .. import overdue
from ..models import Alert, AlertKind, Letter
from .causes import LATE, MOST_NAMED

#: Characters of a post's text that name it.
NAME = 60
#: Characters of a subject, which most programs show whole.
SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Named:
    """One post that was struck, and its page."""

    name: str
    link: str


def message(letter: Letter) -> EmailMultiAlternatives:
    """This will write the letter, as plain text and as simple HTML, with the links of its alert."""
    alert = letter.alert
    named = [] if letter.cured else _named(alert)
    told = {
        "alert": alert,
        "cured": letter.cured,
        "named": named,
        "more": max(0, alert.count - len(named)) if named else 0,
        "where": _address(_page(alert)),
        "since": moment(alert.began_at),
        "preferences": _address(_in(alert, reverse("admin-alerts"))) if alert.workspace_id else "",
    }
    mail = EmailMultiAlternatives(
        subject=subject(alert, cured=letter.cured),
        body=render_to_string("alerts/letter.txt", told),
        to=[letter.address],
        headers={
            # The same at every try: a program that gets it twice can tell.
            "Message-ID": f"<{letter.id}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>",
            "Auto-Submitted": "auto-generated",  # https://www.rfc-editor.org/rfc/rfc3834#section-5
        },
    )
    mail.attach_alternative(render_to_string("alerts/letter.html", told), "text/html")
    return mail


def subject(alert: Alert, *, cured: bool = False) -> str:
    """This will give one line: what, how many, where."""
    posts = f"{alert.count} post{'' if alert.count == 1 else 's'}"
    match alert.kind:
        case AlertKind.FAILED:
            what = f"{posts} failed on {_account(alert)}"
        case AlertKind.RECONNECT:
            what = f"{_account(alert)} must be connected again"
        case AlertKind.OVERDUE:
            what = f"{posts} late"
        case _:
            what = f"the service is not well: {alert.cause}"
    if cured:
        what = "all posts that were late are out or have ended" if alert.workspace_id else f"well again: {alert.cause}"
    workspace = alert.workspace
    where = f"{workspace}{' (sandbox)' if workspace.is_sandbox else ''}: " if workspace else ""
    return cut(" ".join(f"[OpenPost] {where}{what}".split()), SUBJECT)


def _named(alert: Alert) -> list[Named]:
    if alert.kind == AlertKind.OVERDUE:
        late = overdue.targets(now=alert.last_at, by=LATE).filter(integration__workspace=alert.workspace_id)
        targets = list(late.select_related("post")[:MOST_NAMED])
    else:
        targets = list(
            PostTarget.objects.filter(id__in=alert.targets)
            .select_related("post", "integration")
            .order_by("wanted_at", "id")
        )
    return [
        Named(
            f"{cut(' '.join(target.post.content.split()), NAME) or 'A post without text'} "
            f"({label_of(target.integration.platform)})",
            _address(reverse("admin:posts_post_change", args=[target.post_id])),
        )
        for target in targets
    ]


def _account(alert: Alert) -> str:
    return str(alert.integration) if alert.integration else "an account"


def _page(alert: Alert) -> str:
    """The page on which something can be done."""
    match alert.kind:
        case AlertKind.RECONNECT:
            return reverse("admin:integrations_integration_change", args=[alert.integration_id])
        case AlertKind.FAILED:
            return _in(
                alert, reverse("admin:posts_post_changelist"), status="failed", account=str(alert.integration_id)
            )
        case AlertKind.OVERDUE:
            return _in(alert, reverse("admin:posts_posttarget_changelist"), affairs="overdue")
        case _:
            return reverse("admin:index")


def _in(alert: Alert, path: str, **asked: str) -> str:
    """A list of the alert's workspace, whichever the reader works in at present (people/current.py)."""
    return f"{path}?{urlencode({**asked, PARAMETER: alert.workspace_id})}"


def _address(path: str) -> str:
    return settings.OPENPOST_URL + path
