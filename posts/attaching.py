"""Which files stand beside which part of a post: found by their ids, held, and written down."""

import uuid
from collections.abc import Iterable, Mapping, Sequence

from integrations.models import Workspace
from openpost.api.errors import pointer, refuse

from .models import Attachment, Media, Post

#: The files beside each part, in order; 0 is the content.
ByPart = dict[int, list[Media]]


def chosen(post: Post, ids_by_part: Mapping[int, Sequence[uuid.UUID]], *, hold: bool) -> ByPart:
    """This will find the files of the post's workspace by their ids.

    `hold` keeps them from being deleted until the transaction ends. Raises a 400 that names the place of an id that
    is none of the workspace's, or that stands twice in one part.
    """
    found = _found(post.workspace, (media_id for ids in ids_by_part.values() for media_id in ids), hold=hold)
    by_part: ByPart = {}
    for part, ids in ids_by_part.items():
        beside: list[Media] = []
        for place, media_id in enumerate(ids):
            field = pointer("media_ids", place) if part == 0 else pointer("thread", part - 1, "media_ids", place)
            if media_id not in found:
                raise refuse("media_not_found", f"There is no media {media_id} here.", field=field)
            if found[media_id] in beside:
                raise refuse("named_twice", f"The media {media_id} is named twice in one part.", field=field)
            beside.append(found[media_id])
        if beside:
            by_part[part] = beside
    return by_part


def held(post: Post) -> ByPart:
    """This will give the post's files, and keep them from being deleted until the transaction ends."""
    hold(post.workspace, post.attachments.values_list("media_id", flat=True))
    return post.media_by_part()


def hold(workspace: Workspace, ids: Iterable[uuid.UUID]) -> None:
    """This will keep files from being deleted until the transaction ends.

    All that a transaction is about are held at once, in one order: so no two wait for each other.
    """
    _found(workspace, ids, hold=True)


def write(post: Post) -> None:
    """This will write down the files that were chosen for the post: no others stand beside it any more."""
    post.attachments.all().delete()
    add(post)


def add(post: Post) -> None:
    """This will write down the files that were chosen for a new post."""
    Attachment.objects.bulk_create(
        Attachment(post=post, media=media, part=part, position=position)
        for part, beside in post.media_by_part().items()
        for position, media in enumerate(beside)
    )


def _found(workspace: Workspace, ids: Iterable[uuid.UUID], *, hold: bool) -> dict[uuid.UUID, Media]:
    wanted = set(ids)
    if not wanted:
        return {}
    media = Media.objects.filter(workspace=workspace, id__in=wanted).order_by("id")
    return {one.id: one for one in (media.select_for_update(no_key=True) if hold else media)}
