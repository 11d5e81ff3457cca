"""Every move of a post and its targets: the only file that writes a status, or the clock `due_at`.

Each verb is one short transaction: it locks the post, moves the target by a conditional UPDATE that names the old
status, and lets the post's own status follow. A verb that finds the row elsewhere changes nothing and says so.

- The person's verbs (schedule, unschedule, include, retry) hold the post's lock, taken by `lock`.
- The worker's verbs carry a `Claim`. Its number is the fencing number: a worker that lost its lease holds an old
  one, and changes nothing.
- The clock's value is the token of a hand-off: a message names the `due_at` it was sent for, and only a row that
  still shows it may be claimed. A late, doubled or outdated message (the post was moved to tomorrow) finds nothing.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from .models import Post, PostTarget
from .status import EDITABLE, MOVES, PostStatus, TargetStatus, follow

#: How long a worker may be silent before another takes over its target.
LEASE = timedelta(seconds=30)
#: How long a message may lie in a queue before the target is due again.
HAND_OFF = timedelta(seconds=30)

_NO_ERROR: dict[str, object] = {"error_code": "", "error_message": "", "error_retryable": False}


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on one target. `number` is the fencing number.

    `predecessor_died` says that the worker before this one was never heard of again.
    """

    target_id: uuid.UUID
    post_id: uuid.UUID
    number: int
    predecessor_died: bool


class MovedOn(Exception):
    """A post is no longer where a verb must find it: the caller did not hold its lock, or did not look."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something did not go out: a stable code, a sentence for people, and whether trying again can help."""

    code: str
    message: str
    retryable: bool = False


# The person's verbs -------------------------------------------------------------------------------------------------


def lock(post_id: uuid.UUID) -> Post:
    """This will hold the post against every other verb until the transaction ends; raises Post.DoesNotExist."""
    return Post.objects.select_for_update(no_key=True).get(id=post_id)


def lock_all(posts: QuerySet[Post]) -> list[Post]:
    """This will hold all these posts, in one order for everybody, so that two callers never wait for each other."""
    return list(posts.select_for_update(no_key=True).order_by("id"))


def schedule(post: Post, *, at: datetime, due_at: datetime) -> None:
    """This will make a locked draft or scheduled post go out at `due_at`; `at` is the time people see."""
    _set_post(post, status=PostStatus.SCHEDULED, scheduled_at=at)
    post.targets.filter(status=TargetStatus.PENDING).update(due_at=due_at, failures=0, **_NO_ERROR)


def include(post: Post, *, due_at: datetime) -> None:
    """This will give targets that were added to a locked scheduled post its clock."""
    post.targets.filter(status=TargetStatus.PENDING, due_at=None).update(due_at=due_at)


def unschedule(post: Post, *, at: datetime | None) -> None:
    """This will make a locked scheduled post a draft, which nothing ever sends. `at` is kept for people."""
    _set_post(post, status=PostStatus.DRAFT, scheduled_at=at)
    post.targets.filter(status=TargetStatus.PENDING).update(due_at=None, failures=0, **_NO_ERROR)


def retry(post: Post, *, now: datetime) -> int:
    """This will make the failed targets of a locked post due again, and give their number."""
    old, new = MOVES["retry"]
    failed = post.targets.filter(status=old)
    moved = failed.filter(in_doubt=False).update(status=new, due_at=now, failures=0, **_NO_ERROR)
    # What may be live never becomes pending, where it could be edited or cancelled: it is looked up first.
    old, new = MOVES["retry_unknown"]
    moved += failed.filter(in_doubt=True).update(status=new, due_at=now, failures=0)
    if moved:
        _settle(post.id)
    return moved


# The dispatcher's verb ----------------------------------------------------------------------------------------------


def hand_off(*, now: datetime, most: int) -> list[tuple[uuid.UUID, datetime, str]]:
    """This will take up to `most` due targets for sending to workers: `[(target id, token, platform), …]`.

    In turn across accounts, so that ten thousand posts of one do not delay one post of another. Two dispatchers
    never take the same row: SKIP LOCKED. If no worker comes, the row is due again after HAND_OFF.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_DUE, [now, now, most])
            platforms: dict[uuid.UUID, str] = dict(cursor.fetchall())
        token = now + HAND_OFF
        PostTarget.objects.filter(id__in=platforms).update(due_at=token)
    return [(target_id, token, platform) for target_id, platform in platforms.items()]


_DUE = """
    WITH due AS (
        SELECT id, due_at, row_number() OVER (PARTITION BY integration_id ORDER BY due_at) AS turn
        FROM posts_posttarget WHERE due_at <= %s
    )
    SELECT target.id, integration.platform
    FROM due
    JOIN posts_posttarget target ON target.id = due.id
    JOIN integrations_integration integration ON integration.id = target.integration_id
    WHERE target.due_at <= %s
    ORDER BY due.turn, due.due_at
    LIMIT %s
    FOR UPDATE OF target SKIP LOCKED
"""


# The worker's verbs -------------------------------------------------------------------------------------------------


def claim(*, target_id: uuid.UUID, token: datetime, now: datetime) -> Claim | None:
    """This will take the target that was due at `token`, for LEASE; None when it has moved on since."""
    row = PostTarget.objects.filter(id=target_id, due_at=token)
    with transaction.atomic():
        post_id = row.values_list("post_id", flat=True).first()
        if post_id is None or not Post.objects.select_for_update(no_key=True).filter(id=post_id).exists():
            return None
        before = row.first()
        verb = next((verb for verb in ("claim", "take_over") if before and MOVES[verb][0] == before.status), None)
        if before is None or verb is None:
            return None
        old, new = MOVES[verb]
        number = before.attempts + 1
        columns = {"status": new, "due_at": now + LEASE, "attempts": number, "updated_at": now, **_NO_ERROR}
        if not row.filter(status=old, attempts=before.attempts).update(**columns):
            return None
        _settle(post_id)
    # A worker that only doubts says why; one that holds a target and says nothing has died.
    died = verb == "take_over" and not before.error_code
    return Claim(target_id, post_id, number, predecessor_died=died)


def extend(claims: Iterable[Claim], *, now: datetime) -> int:
    """This will renew the leases of a worker that still works on these, and give how many it still had.

    What is due later than a lease would be has been put off on purpose, and stays so.
    """
    return sum(_held(claim).filter(due_at__lte=now + LEASE).update(due_at=now + LEASE) for claim in claims)


def holds(claim: Claim) -> bool:
    """Whether this claim is still the valid one; inside a transaction it stays so until the end."""
    return _held(claim).select_for_update(no_key=True).exists()


def live(claim: Claim, *, remote_id: str, url: str, now: datetime) -> bool:
    """This will record that the target is published: final, whatever follows."""
    return _move(
        "live",
        claim,
        now,
        due_at=None,
        failures=0,
        in_doubt=False,
        published_at=now,
        platform_post_id=remote_id[:512],
        platform_post_url=url[:1000],
        **_NO_ERROR,
    )


def postpone(claim: Claim, *, until: datetime, failure: Failure, failures: int, now: datetime) -> bool:
    """This will put the target back: nothing went out, it is tried again at `until`."""
    return _move("postpone", claim, now, due_at=until, failures=failures, in_doubt=False, **_why(failure))


def doubt(claim: Claim, *, next_look: datetime, failure: Failure, now: datetime) -> bool:
    """This will record that nobody knows yet whether it went out: the platform is asked again at `next_look`."""
    return _move("doubt", claim, now, due_at=next_look, in_doubt=True, **_why(failure))


def fail(claim: Claim, *, failure: Failure, now: datetime, in_doubt: bool = False) -> bool:
    """This will record that the target goes no further unless a person does something. `in_doubt`: it may be live."""
    return _move("fail", claim, now, due_at=None, in_doubt=in_doubt, **_why(failure))


def _held(claim: Claim) -> QuerySet[PostTarget]:
    return PostTarget.objects.filter(id=claim.target_id, attempts=claim.number, status=TargetStatus.PUBLISHING)


def _why(failure: Failure) -> dict[str, object]:
    return {
        "error_code": failure.code[:50],
        "error_message": failure.message[:1000],
        "error_retryable": failure.retryable,
    }


def _move(verb: str, claim: Claim, now: datetime, **columns: object) -> bool:
    _, new = MOVES[verb]
    with transaction.atomic():
        if not Post.objects.select_for_update(no_key=True).filter(id=claim.post_id).exists():
            return False
        if not _held(claim).update(status=new, updated_at=now, **columns):
            return False
        _settle(claim.post_id)
    return True


# The post follows its targets ---------------------------------------------------------------------------------------


def _settle(post_id: uuid.UUID) -> None:
    """This will bring the post's status in line with its targets'. The caller holds the post's lock."""
    targets = PostTarget.objects.filter(post_id=post_id)
    status = follow(targets.values_list("status", flat=True))
    last_live = targets.aggregate(last=Max("published_at"))["last"]
    Post.objects.filter(id=post_id).update(
        status=status,
        published_at=last_live if status == PostStatus.PUBLISHED else None,
        updated_at=timezone.now(),
    )


def _set_post(post: Post, *, status: PostStatus, scheduled_at: datetime | None) -> None:
    now = timezone.now()
    moved = Post.objects.filter(id=post.id, status__in=EDITABLE).update(
        status=status, scheduled_at=scheduled_at, updated_at=now
    )
    if not moved:
        raise MovedOn(f"{post.id} is no longer a draft or scheduled")
    post.status, post.scheduled_at, post.updated_at = status, scheduled_at, now
