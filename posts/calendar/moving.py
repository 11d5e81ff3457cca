"""To another day or hour, by the verb that edits; a draft stays a draft."""

from datetime import date, datetime, tzinfo

from posts import actions
from posts.local_time import after_the_gap, moments
from posts.models import Post, PostStatus
from posts.words import Words


def moved_to(at: datetime, *, day: date, hour: int | None, zone: tzinfo) -> datetime:
    """The moment at which a clock in `zone` shows the same time on `day`, or the same minute of `hour`.

    A time that comes twice is meant the first time; one that is skipped comes as much later as the gap is long.
    """
    local = at.astimezone(zone)
    wanted = datetime.combine(day, local.time().replace(hour=local.hour if hour is None else hour, fold=0))
    found = moments(wanted, zone)
    return found[0] if found else after_the_gap(wanted, zone)


def move(*, post: Post, at: datetime, by: str) -> Post:
    """This will give the post another time; raises ApiError with what is wrong with it, or when it is too late.

    So it is when somebody has changed the post since it was read: it may be a draft no more.
    """
    status = PostStatus.DRAFT if post.status == PostStatus.DRAFT else ...
    return actions.edit(post=post, words=Words(at=at, status=status), by=by, seen=post.updated_at)
