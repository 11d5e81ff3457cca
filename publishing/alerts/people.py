"""Who is told: the owners of a workspace, and whoever else there wants it; for the service, its operators."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from integrations import audit
from integrations.models import AuditAction, Membership, Role, Workspace

from ..models import Alert, AlertChoice

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


@transaction.atomic
def choose(*, membership: Membership, wanted: bool) -> None:
    """This will keep what somebody has said for a member: alerts, or none. Only who has joined may be told of anything.

    Raises Membership.DoesNotExist.
    """
    joined = Membership.objects.filter(joined_at__isnull=False).select_for_update(no_key=True)
    held = joined.get(id=membership.id)
    before = told(Membership.objects.filter(id=held.id)).exists()
    AlertChoice.objects.update_or_create(membership=held, defaults={"wanted": wanted})
    said = {"before": {"told": before}, "after": {"told": wanted}}
    audit.change(AuditAction.ALERTS_CHOSEN, held.user, workspace=held.workspace_id, **said)


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
