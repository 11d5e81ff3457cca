"""All that is kept of a workspace, as one ZIP of JSON lines and files (docs/data.md), written in little memory.

No secret is in it: encrypted columns are left out by their type, hashes by their name.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from integrations import audit
from integrations.models import (
    ApiKey,
    AuditAction,
    AuditEntry,
    Integration,
    Membership,
    OutboxEvent,
    SandboxPost,
    WebhookDelivery,
    WebhookEndpoint,
    Workspace,
)
from openpost import clock
from openpost.crypto import EncryptedJSONField
from posts.models import Attachment, Event, Media, Post, PostTarget

from .models import Attempt, Delivery, Step

#: Of what is written into the ZIP. A field more is no new version; another meaning is.
FORMAT = 1
#: Rows that are in memory at a time.
CHUNK = 500
#: What lets nobody in by itself, and yet is nobody's business.
HASHES = {"key_hash", "state_hash"}


@dataclass(frozen=True, slots=True)
class Table:
    """One file of the ZIP: its name, whose rows, by which way they belong to the workspace, what stands beside them."""

    name: str
    model: type[models.Model]
    path: str = "workspace"
    more: tuple[str, ...] = ()


TABLES = (
    Table("workspace", Workspace, "id"),
    Table("members", Membership, more=("user__username", "user__email")),
    Table("accounts", Integration),
    Table("api_keys", ApiKey),
    Table("webhooks", WebhookEndpoint),
    Table("webhook_deliveries", WebhookDelivery, "endpoint__workspace"),
    Table("feed", OutboxEvent),
    Table("media", Media),
    Table("posts", Post),
    Table("attachments", Attachment, "post__workspace"),
    Table("targets", PostTarget, "post__workspace"),
    Table("events", Event, "post__workspace"),
    Table("parts", Delivery, "target__post__workspace"),
    Table("steps", Step, "target__post__workspace"),
    Table("attempts", Attempt, "target__post__workspace"),
    Table("sandbox_posts", SandboxPost, "integration__workspace"),
    Table("audit_log", AuditEntry),
)


def export(workspace: Workspace, to: IO[bytes]) -> dict[str, int]:
    """This will write the ZIP, also to what cannot be rewound, and give the number of rows and files by name."""
    counts: dict[str, int] = {}
    with transaction.atomic():
        audit.record(AuditAction.WORKSPACE_EXPORTED, workspace, workspace=workspace)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        _tables(archive, workspace, counts)
        missing = _files(archive, workspace, counts)
        about = {
            "format": FORMAT,
            "exported_at": clock.now(),
            "workspace": workspace.id,
            "counts": counts,
            "missing_files": missing,
        }
        archive.writestr("manifest.json", json.dumps(about, cls=DjangoJSONEncoder, indent=2))
    return counts


def fields(table: Table) -> list[str]:
    """The columns of a table that leave the service."""
    own = [
        field.attname
        for field in table.model._meta.concrete_fields
        if not isinstance(field, EncryptedJSONField) and field.name not in HASHES
    ]
    return [*own, *table.more]


def _tables(archive: zipfile.ZipFile, workspace: Workspace, counts: dict[str, int]) -> None:
    """All of them as they are at one moment."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for table in TABLES:
            counts[table.name] = 0
            with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as file:
                for line in _lines(table, workspace):
                    file.write(line)
                    counts[table.name] += 1


def _lines(table: Table, workspace: Workspace) -> Iterator[bytes]:
    encoder = DjangoJSONEncoder(ensure_ascii=False)
    rows = table.model._default_manager.filter(**{table.path: workspace.id}).order_by("pk")
    for row in rows.values(*fields(table)).iterator(chunk_size=CHUNK):
        plain = {name: str(value) if name == "timezone" else value for name, value in row.items()}
        yield encoder.encode(plain).encode() + b"\n"


def _files(archive: zipfile.ZipFile, workspace: Workspace, counts: dict[str, int]) -> list[Any]:
    """The files as they are kept, one after the other; gives those that were gone when their turn came."""
    counts["files"], missing = 0, []
    media = Media.objects.filter(workspace=workspace).order_by("pk").values_list("id", "file")
    pictures = Integration.objects.filter(workspace=workspace).exclude(avatar="").values_list("id", "avatar")
    for row_id, name in chain(media.iterator(chunk_size=CHUNK), pictures):
        inside = zipfile.ZipInfo(f"files/{name.rpartition('/')[2]}", date_time=clock.now().timetuple()[:6])
        try:
            source = default_storage.open(name)
        except FileNotFoundError:
            missing.append(row_id)
            continue
        with source, archive.open(inside, "w", force_zip64=True) as file:
            shutil.copyfileobj(source, file)
        counts["files"] += 1
    return missing
