"""How much a workspace may keep, where whoever runs this service has set a bound (MEDIA_QUOTA_MB)."""

from django.conf import settings
from django.db.models import Sum

from integrations.models import Workspace
from posts.models import Media

from .types import MIB, Unusable


def require_room(workspace: Workspace, size: int = 1, *, hold: bool = False) -> None:
    """This will raise Unusable unless the workspace may keep `size` more bytes.

    `hold` lets nobody else take the room until the transaction ends.
    """
    if not settings.MEDIA_QUOTA_MB:
        return
    if hold:
        Workspace.objects.select_for_update(no_key=True).get(id=workspace.id)
    taken = Media.objects.filter(workspace=workspace).aggregate(bytes=Sum("file_size", default=0))["bytes"]
    if taken + size > settings.MEDIA_QUOTA_MB * MIB:
        raise Unusable(
            "storage_full",
            f"The files of this workspace may have {settings.MEDIA_QUOTA_MB:,} MB together, and {taken / MIB:,.1f} MB "
            "are taken. Delete files that no post needs any more.",
            status=409,
        )
