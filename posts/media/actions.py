"""What people and programs can do with files. API and admin call these and nothing else."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from integrations import audit
from integrations.models import AuditAction, Workspace
from openpost.api.errors import refuse
from openpost.fetching import Unfetchable, fetch
from posts import approving
from posts.models import Attachment, Media, Post
from posts.status import PostStatus

from . import receiving, storage
from .images import apart
from .receiving import Incoming
from .types import MOST_VIDEO_BYTES, SUFFIXES, Facts, Unusable
from .video import cleaning

#: What the audit log says of a file.
_ON_RECORD = ("name", "kind", "file_type", "file_size", "alt_text")
#: How long fetching a file from an address may take.
FETCH_SECONDS = 30
#: Posts of a refusal that are named.
MOST_NAMED = 20


def add(*, workspace: Workspace, incoming: Incoming, alt_text: str = "") -> Media:
    """This will keep a file that has come, clean and upright; raises Unusable with what is wrong with it.

    The caller removes what came.
    """
    media = store(workspace=workspace, incoming=incoming, alt_text=alt_text)
    try:
        return record(media)
    except Unusable:
        drop(media)
        raise


def add_sent(*, workspace: Workspace, upload: "UploadedFile[Any]", alt_text: str = "") -> Media:
    """This will keep a file that came by a form, in one of the places for files on their way; raises Unusable."""
    with receiving.slot(workspace), receiving.received(upload) as incoming:
        return add(workspace=workspace, incoming=incoming, alt_text=alt_text)


def store(*, workspace: Workspace, incoming: Incoming, alt_text: str = "") -> Media:
    """This will do what of `add` needs time and the network. Then comes `record`, or `drop`."""
    storage.require_room(workspace, incoming.size)
    facts, path = _cleaned(incoming)
    media = Media(workspace=workspace, name=incoming.name[:255], alt_text=alt_text, **dataclasses.asdict(facts))
    media.file_size = path.stat().st_size
    with path.open("rb") as file:
        media.file.save(f"file{SUFFIXES[facts.file_type]}", File(file), save=False)
    return media


@transaction.atomic
def record(media: Media) -> Media:
    """This will write the row of a file that is stored; raises Unusable when there is no room for it any more.

    When writing fails, `sweep_media` finds the file: the row may have been written although the database could not
    say so.
    """
    storage.require_room(media.workspace, media.file_size, hold=True)
    media.save(force_insert=True)
    audit.record(AuditAction.MEDIA_ADDED, media, workspace=media.workspace_id, after=audit.state(media, *_ON_RECORD))
    return media


def drop(media: Media) -> None:
    """This will remove a stored file whose row nobody has tried to write."""
    media.file.delete(save=False)


@contextmanager
def fetched(url: str) -> Iterator[Incoming]:
    """This will give a file from the public internet until the block ends; raises Unusable or Unfetchable."""
    incoming = Incoming()
    try:
        with fetch(url, most_bytes=MOST_VIDEO_BYTES, within=FETCH_SECONDS) as answer:
            if answer.status != 200:
                raise Unfetchable("unreachable", f"The server answered {answer.status} instead of the file.")
            for piece in answer.pieces():
                incoming.add(piece)
            incoming.name = unquote(urlsplit(answer.url).path.rpartition("/")[2]).replace("\0", "")
        incoming.complete()
        yield incoming
    finally:
        incoming.remove()


@transaction.atomic
def describe(*, media: Media, alt_text: str) -> Media:
    """This will say what a file shows. A post that is being sent at this moment may go out with the old words.

    Who needs approval needs it for these words as well.
    """
    if Media.objects.filter(id=media.id).exclude(alt_text=alt_text).exists():
        approving.described(media)
    before = audit.state(Media.objects.select_for_update(no_key=True).get(id=media.id), "alt_text")
    media.alt_text = alt_text
    media.save(update_fields=["alt_text", "updated_at"])
    after = audit.state(media, "alt_text")
    audit.change(AuditAction.MEDIA_DESCRIBED, media, workspace=media.workspace_id, before=before, after=after)
    return media


@transaction.atomic
def delete(*, media: Media) -> None:
    """This will remove a file from the workspace; 409 while a post that is not out uses it. What is live stays live."""
    # Whoever attaches the file locks its row as well: it is either attached before this looks, or gone for them.
    held = Media.objects.select_for_update().get(id=media.id)
    using = list(_unpublished_using(held).values_list("id", flat=True)[:MOST_NAMED])
    if using:
        raise refuse(
            "media_in_use",
            "A post that has not been published uses this file: take it out of the post, or delete the post, first.",
            status=409,
            post_ids=[str(post_id) for post_id in using],
        )

    def remove_file() -> None:
        held.file.delete(save=False)

    was = audit.state(held, *_ON_RECORD)
    audit.record(AuditAction.MEDIA_DELETED, held, workspace=held.workspace_id, before=was)
    # One that cannot be removed now is found by `sweep_media`.
    transaction.on_commit(remove_file, robust=True)
    held.delete()


def _unpublished_using(media: Media) -> QuerySet[Post]:
    using = Attachment.objects.filter(media=media).values("post")
    return Post.objects.filter(id__in=using).exclude(status=PostStatus.PUBLISHED).order_by("created_at", "id")


def _cleaned(incoming: Incoming) -> tuple[Facts, Path]:
    """This will take out what identifies anybody: of a video where it stands, of an image in a new file."""
    if incoming.type.startswith("video/"):
        return cleaning.clean(incoming.path, incoming.type), incoming.path
    return apart.clean(incoming.type, incoming.path, incoming.cleaned()), incoming.cleaned()
