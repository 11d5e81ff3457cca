"""Text that was typed and not saved: kept on the server while somebody writes, and offered when they come back.

It is kept for one page of one person (models/autosave.py), so nothing here asks what the fields are called.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import QueryDict

from integrations.models import Workspace
from posts.models import Autosave, Post
from posts.models.autosave import LONGEST_AUTOSAVE

#: What nobody has come back for.
KEPT_FOR = timedelta(days=30)
#: Who typed within this is still at it.
AT_IT = timedelta(minutes=1)
#: Of one person; the oldest go.
MOST = 50
#: What a form sends that is no text of anybody's: its secret, and which page it is.
NOT_KEPT = ("csrfmiddlewaretoken", "page")


class TooLong(Exception):
    """More was typed than is kept."""


def keep(
    *, page: uuid.UUID, user: Any, data: QueryDict, post: Post | None, workspace: Workspace, now: datetime
) -> None:
    """This will keep what stands in the fields of a page, in place of what stood there before.

    `post` is None where it is a new one. Raises TooLong, and Autosave.DoesNotExist for somebody else's
    page.
    """
    fields = data.copy()
    for name in NOT_KEPT:
        fields.pop(name, None)
    kept = fields.urlencode()
    if len(kept) > LONGEST_AUTOSAVE:
        raise TooLong
    try:
        with transaction.atomic():
            _, new = Autosave.objects.update_or_create(
                id=page,
                user=user,
                defaults={"workspace": workspace, "post": post, "fields": kept, "kept_at": now},
            )
    except IntegrityError as error:
        raise Autosave.DoesNotExist from error
    if new:
        _sweep(user, now=now)


def of(user: Any, *, workspace: Workspace, post: Post | None, now: datetime) -> QuerySet[Autosave]:
    """What the person left unsaved of a post, or of new ones in the workspace; the newest first."""
    mine = Autosave.objects.filter(user=user, workspace=workspace, post=post, kept_at__gt=now - KEPT_FOR)
    return mine.order_by("-kept_at", "id")


def others(user: Any, *, post: Post, now: datetime) -> list[str]:
    """The names of those who are typing at this post at present."""
    theirs = Autosave.objects.filter(post=post, kept_at__gt=now - AT_IT).exclude(user=user).select_related("user")
    return sorted({one.user.get_full_name() or one.user.get_username() for one in theirs})


def forget(user: Any, *, page: uuid.UUID, post: Post | None = None) -> None:
    """This will drop what a page kept; and all that the person left of `post`, now that it is saved."""
    Autosave.objects.filter(user=user, id=page).delete()
    if post is not None:
        Autosave.objects.filter(user=user, post=post).delete()


def typed(autosave: Autosave) -> QueryDict:
    """The fields again, as a form that is sent has them."""
    return QueryDict(autosave.fields)


def _sweep(user: Any, *, now: datetime) -> None:
    Autosave.objects.filter(kept_at__lt=now - KEPT_FOR).delete()
    mine = Autosave.objects.filter(user=user)
    mine.filter(id__in=list(mine.order_by("-kept_at").values_list("id", flat=True)[MOST:])).delete()
