"""Who is told: the owners of a workspace, and whoever else there wants it; for the service, its operators."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from integrations.models import Membership, Role, Workspace

from ..models import Alert, AlertChoice

#: Characters, as Django's accounts have room for.
LONGEST_ADDRESS = 254
#: Workspaces that are named.
MOST = 3

_GETS = Q(alert_choice__wanted=True) | Q(alert_choice=None, role=Role.OWNER)


def addresses(alert: Alert) -> list[str]:
    """The addresses to which an alert goes; empty when there is nobody to tell."""
    if alert.workspace_id is None:
        return sorted(set(settings.OPERATORS))
    members = told(Membership.objects.filter(workspace=alert.workspace_id)).exclude(user__email="")
    return sorted(set(members.values_list("user__email", flat=True)))


def told(members: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those of them who are told, if they have an address."""
    return members.filter(_GETS, user__is_active=True, joined_at__isnull=False)


def choose(*, membership: Membership, wanted: bool) -> None:
    """This will keep what somebody has said for a member: alerts, or none."""
    AlertChoice.objects.update_or_create(membership=membership, defaults={"wanted": wanted})


def write_to(user: Any, address: str) -> None:
    """This will keep the address to which a person's own alerts go; "" for none."""
    get_user_model().objects.filter(pk=user.pk).update(email=address)


def nowhere_to_go(workspaces: QuerySet[Workspace]) -> list[str]:
    """Why alerts reach nobody, a sentence each: no mail server, or workspaces in which nobody can be told."""
    if not settings.MAIL_IS_SET_UP:
        return ["No mail server is set up (EMAIL_URL), so nobody is told when something fails."]
    reached = told(Membership.objects.filter(workspace__in=workspaces)).exclude(user__email="")
    unheard = workspaces.exclude(id__in=reached.values("workspace"))
    return [
        f"In {workspace} nobody is told when something fails: no owner has an e-mail address, or they turned it off."
        for workspace in unheard[:MOST]
    ]
