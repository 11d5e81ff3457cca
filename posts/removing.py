"""Removing a workspace that was closed (integrations/closing.py): all of it, in small steps, also after a crash.

What is scheduled goes first, so that nothing of it goes out any more. What is being sent is waited for: it may go out
at this moment, and what becomes of it must be known. Files go before their rows, so that none is forgotten. Our access
to the accounts is ended at the platforms. The audit log stays, for as long as it is kept: nobody can change it.
"""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from integrations import audit, connect
from integrations.models import (
    AuditAction,
    Integration,
    OutboxEvent,
    SandboxPost,
    WebhookDelivery,
    WebhookEndpoint,
    Workspace,
)
from openpost import clock
from openpost.models import KeptAnswer
from posts.models import Autosave, Media, Post, PostStatus

from . import lifecycle

#: Rows that go in one transaction.
BATCH = 200
#: How long one run of the periodic task works; the next one goes on.
WITHIN = timedelta(seconds=45)


class StillSending(Exception):
    """Posts of it are being sent, or are looked for: it is removed when that has ended."""


def remove_closed() -> None:
    """This will go on with every workspace that was closed, for WITHIN at most."""
    until = monotonic() + WITHIN.total_seconds()
    for workspace in Workspace.objects.filter(closing_since__isnull=False).order_by("closing_since"):
        try:
            for _ in steps(workspace):
                if monotonic() > until:
                    return
        except StillSending:
            continue


def steps(workspace: Workspace) -> Iterator[str]:
    """This will remove a closed workspace, telling of each step when it is done. It may be ended after any.

    Raises StillSending.
    """
    if not Workspace.objects.filter(id=workspace.id, closing_since__isnull=False).exists():
        raise RuntimeError(f"{workspace.id} was not closed")
    yield from _posts(workspace)
    yield from _files(workspace)
    yield from _accounts(workspace)
    events, endpoints = (
        OutboxEvent.objects.filter(workspace=workspace),
        WebhookEndpoint.objects.filter(workspace=workspace),
    )
    yield from _rows(WebhookDelivery.objects.filter(endpoint__in=endpoints))
    yield from _rows(events)
    yield from _rows(endpoints)
    yield from _rows(Autosave.objects.filter(workspace=workspace))
    yield from _rows(KeptAnswer.objects.filter(tenant_id=workspace.id))
    with transaction.atomic():
        audit.record(AuditAction.WORKSPACE_DELETED, workspace, workspace=workspace)
        Workspace.objects.filter(id=workspace.id).delete()
    yield f"{workspace.name} is deleted."


def _posts(workspace: Workspace) -> Iterator[str]:
    posts = Post.objects.filter(workspace=workspace)
    for some in (posts.filter(status=PostStatus.SCHEDULED), posts.exclude(status=PostStatus.PUBLISHING)):
        while ids := list(some.order_by("id").values_list("id", flat=True)[:BATCH]):
            with transaction.atomic():
                held = lifecycle.lock_all(Post.objects.filter(id__in=ids))
                free = [post.id for post in held if post.status != PostStatus.PUBLISHING]
                Post.objects.filter(id__in=free).delete()
            yield f"{len(free)} posts"
    if sending := posts.count():
        raise StillSending(f"{sending} posts are being sent, or looked for on their platforms.")


def _files(workspace: Workspace) -> Iterator[str]:
    media = Media.objects.filter(workspace=workspace).order_by("id")
    while some := list(media[:BATCH]):
        for one in some:
            default_storage.delete(str(one.file.name))
        Media.objects.filter(id__in=[one.id for one in some]).delete()
        yield f"{len(some)} files"
    folder = str(workspace.id)
    for name in _names(folder):  # what was stored, and whose row was never written
        default_storage.delete(f"{folder}/{name}")
    _remove_folder(folder)


def _accounts(workspace: Workspace) -> Iterator[str]:
    accounts = Integration.objects.filter(workspace=workspace).order_by("id")
    for account in accounts:
        connect.disconnect(integration=account, by="the deletion of its workspace", now=clock.now())
    received = SandboxPost.objects.filter(integration__in=accounts).order_by("id")
    while posts := list(received[:BATCH]):
        for file in (kept["file"] for post in posts for kept in post.media):
            default_storage.delete(file)
        SandboxPost.objects.filter(id__in=[post.id for post in posts]).delete()
        yield f"{len(posts)} posts of the sandbox network"
    yield from _rows(accounts)


def _rows(rows: QuerySet[Any]) -> Iterator[str]:
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=ids).delete()
        yield f"{len(ids)} {rows.model._meta.verbose_name_plural}"


def _names(folder: str) -> list[str]:
    try:
        return list(default_storage.listdir(folder)[1])
    except FileNotFoundError:
        return []


def _remove_folder(folder: str) -> None:
    """An S3 has no folders; on a disk the empty one goes."""
    if default_storage.exists(folder):
        default_storage.delete(folder)
