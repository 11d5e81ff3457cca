"""What people do about their own account, and what is tried at it: in the audit log of each workspace they are in.

Of nobody's account, or of somebody's who is in none, it stands in the log that superusers read.
"""

import uuid
from typing import Any

from django.db import transaction

from integrations import audit
from integrations.models import AuditAction, Membership


@transaction.atomic
def put_on_record(action: AuditAction, user: Any, **said: Any) -> None:
    """This will put on record what a person did about their own account, or somebody tried at it."""
    if user is None:
        audit.record(action, None, workspace=None, called="(no such account)", **said)
        return
    memberships = Membership.objects.filter(user=user, joined_at__isnull=False).order_by("workspace_id")
    theirs: list[uuid.UUID | None] = list(memberships.values_list("workspace_id", flat=True))
    for workspace_id in theirs or [None]:
        audit.record(action, user, workspace=workspace_id, **said)
