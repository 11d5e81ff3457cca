"""Every move of a post and its targets: the only file that writes a status, or the clock `due_at`.

Each move of a status locks the post, moves the target only from the status that the verb names, as that is once the
lock is had, and lets the post's own status follow, in one short transaction. A verb that finds the row elsewhere
changes nothing and says so.

- The person's verbs (schedule, unschedule, include, retry, resolve) hold the post's lock, taken by `lock`.
- The dispatcher's verb marks what it hands to workers as `in_hand`: in turn, and of one account only so many.
- The worker's verbs carry a `Claim`. Its number is the fencing number: a worker that lost its lease holds an old
  one, and changes nothing.
- Only what is in hand can be claimed. So a message that comes late or twice, or after the post was moved to
  tomorrow, finds nothing; and what a worker already works on is taken over only by a message that names the very
  `due_at` at which its lease lapsed.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from openpost import rows
from openpost.seeing.tracing import spanned

from . import announcing, turns
from .announcing import Before, Now
from .models import Post, PostTarget
from .status import EDITABLE, MOVES, PostStatus, TargetStatus, follow

#: How long a worker may be silent before another takes over its target.
LEASE = timedelta(seconds=30)
#: How long a message may lie in a queue before the target is due again.
HAND_OFF = timedelta(seconds=30)

#: Nothing of it is live, and nothing may be.
_UNTOUCHED = Q(in_doubt=False, live_parts=[])
_NO_ERROR: dict[str, object] = {"error_code": "", "error_message": "", "error_retryable": False}


@dataclass(frozen=True, slots=True)
class HandedOff:
    """A target on its way to a worker. `token` is the `due_at` it got: what the message must name to take over."""

    target_id: uuid.UUID
    token: datetime
    platform: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on one target. `number` is the fencing number.

    `predecessor_died` says that the worker before this one was never heard of again.
    """

    target_id: uuid.UUID
    post_id: uuid.UUID
    number: int
    predecessor_died: bool


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
    post.targets.filter(status=TargetStatus.PENDING).update(failures=0, **_from(due_at), **_NO_ERROR)


def include(post: Post, *, due_at: datetime) -> None:
    """This will give targets that were added to a locked scheduled post its clock."""
    post.targets.filter(status=TargetStatus.PENDING, due_at=None).update(**_from(due_at))


def unschedule(post: Post, *, at: datetime | None) -> None:
    """This will make a locked scheduled post a draft, which nothing ever sends. `at` is kept for people."""
    _set_post(post, status=PostStatus.DRAFT, scheduled_at=at)
    post.targets.filter(status=TargetStatus.PENDING).update(failures=0, **_from(None), **_NO_ERROR)


def retry(post: Post, *, now: datetime) -> int:
    """This will make the failed targets of a locked post due again, and give their number."""
    old, new = MOVES["retry"]
    failed = post.targets.filter(status=old)
    moved = failed.filter(_UNTOUCHED).update(status=new, failures=0, **_from(now), **_NO_ERROR)
    old, new = MOVES["retry_begun"]
    moved += failed.exclude(_UNTOUCHED).update(status=new, failures=0, **_from(now))
    if moved:
        _settle(post.id)
    return moved


def resolve_live(
    post: Post, target_id: uuid.UUID, *, remote_id: str, urls: Sequence[str], published_at: datetime, now: datetime
) -> bool:
    """This will record a person's word, on a locked post, that an unknown outcome is live. `urls`: of all its parts."""
    return _resolve("resolve_live", post, target_id, now, **_live(remote_id, urls, published_at))


def resolve_part(post: Post, target_id: uuid.UUID, *, urls: Sequence[str], failure: Failure, now: datetime) -> bool:
    """This will record, on a locked post, a person's word on one part of a thread: the parts at `urls` are live.

    The rest is due at once; `failure` says so until a worker has taken it up.
    """
    columns = {"live_parts": _places(urls), "failures": 0, "in_doubt": False, **_from(now), **_why(failure)}
    return _resolve("resolve_part", post, target_id, now, **columns)


def resolve_absent(post: Post, target_id: uuid.UUID, *, now: datetime) -> bool:
    """This will record a person's word, on a locked post, that an unknown outcome did not go out: it is due again."""
    return _resolve("resolve_absent", post, target_id, now, failures=0, in_doubt=False, **_from(now), **_NO_ERROR)


def suspect(post: Post, target_ids: Collection[uuid.UUID], *, failure: Failure, now: datetime) -> list[PostTarget]:
    """This will leave to a person what of a locked post may have gone out unknown to us; gives what it moved."""
    columns = {"due_at": None, "in_hand": False, "in_doubt": True, "updated_at": now, **_why(failure)}
    moved: list[PostTarget] = []
    for verb in ("suspect", "suspect_begun"):
        old, new = MOVES[verb]
        of_post = post.targets.filter(id__in=target_ids, status=old).select_related("integration")
        for before in of_post.defer("integration__credentials"):
            # A new fencing number: should a worker be left that holds it, it changes nothing.
            if post.targets.filter(id=before.id, status=old).update(
                status=new, attempts=before.attempts + 1, **columns
            ):
                announcing.moved("doubt", _before(before), columns, now=now)
                moved.append(before)
    if moved:
        _settle(post.id)
    return moved


def _resolve(verb: str, post: Post, target_id: uuid.UUID, now: datetime, **columns: object) -> bool:
    old, new = MOVES[verb]
    unknown = post.targets.filter(id=target_id, status=old, in_doubt=True)
    before = unknown.select_related("integration").defer("integration__credentials").first()
    if before is None or not unknown.update(status=new, updated_at=now, **columns):
        return False
    announcing.moved(verb, _before(before), columns, now=now)
    _settle(post.id)
    return True


def _before(target: PostTarget) -> Before:
    account = target.integration
    where = (target.id, target.post_id, account.id, account.platform, account.workspace_id)
    return Before(*where, target.in_doubt, target.live_parts)


def _from(due_at: datetime | None) -> dict[str, object]:
    """The clock as a person sets it: from then on a worker may take it, and lateness counts."""
    return {"due_at": due_at, "wanted_at": due_at, "in_hand": False}


# The dispatcher's verb ----------------------------------------------------------------------------------------------


def hand_off(
    *,
    now: datetime,
    most: int,
    accounts: Collection[uuid.UUID] | None = None,
    without: Collection[str] = (),
    left_behind: bool = False,
) -> list[HandedOff]:
    """This will take up to `most` due targets for sending to workers.

    Of these `accounts` only, if they are given, and none of the platforms `without`; with `left_behind`, only what a
    worker had, or was to have.

    In turn (turns.py), so that no account delays another. If no worker comes, the row is due again after HAND_OFF.
    """
    token = now + HAND_OFF
    due, values = turns.due(now=now, most=most, accounts=accounts, without=without, left_behind=left_behind)
    with connection.cursor() as cursor:
        cursor.execute(_HAND_OFF.format(due=due), {**values, "token": token})
        found = sorted(cursor.fetchall())
    return [HandedOff(target_id, token, platform) for _, _, target_id, platform in found]


_HAND_OFF = """
    WITH due AS ({due})
    UPDATE posts_posttarget target SET due_at = %(token)s, in_hand = true FROM due WHERE target.id = due.id
    RETURNING due.turn, due.due_at, target.id, due.platform
"""


# The worker's verbs -------------------------------------------------------------------------------------------------


@spanned("claim")
def claim(*, target_id: uuid.UUID, token: datetime, now: datetime) -> Claim | None:
    """This will take a target that was handed to us, for LEASE; None when it has moved on since."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"id": target_id, "token": token, "now": now, "until": now + LEASE, **_CLAIMED})
        found = cursor.fetchone()
    return Claim(target_id, *found) if found else None


_CLAIMED = {"pending": MOVES["claim"][0], "publishing": MOVES["claim"][1], "post": PostStatus.PUBLISHING}
#: In one statement: a claim stands on rows as they are when their locks are had, however long that took.
_CLAIM = """
    WITH held AS (
        SELECT target.id, target.post_id, target.attempts + 1 AS number,
            -- A worker that only doubts says why; one that holds a target and says nothing has died.
            target.status = %(publishing)s AND target.error_code = '' AS died
        FROM posts_post post JOIN posts_posttarget target ON target.post_id = post.id
        WHERE target.id = %(id)s AND target.in_hand
            AND (target.status = %(pending)s OR target.status = %(publishing)s AND target.due_at = %(token)s)
        FOR NO KEY UPDATE OF post, target
    ), target AS (
        UPDATE posts_posttarget target SET status = %(publishing)s, due_at = %(until)s, attempts = held.number,
            failures = target.failures + held.died::int, error_code = '', error_message = '', error_retryable = false,
            updated_at = %(now)s
        FROM held WHERE target.id = held.id
    ), post AS (
        -- One of its targets is being published: so is it, whatever the others are.
        UPDATE posts_post post SET status = %(post)s, published_at = NULL, updated_at = %(now)s
        FROM held WHERE post.id = held.post_id
    )
    SELECT post_id, number, died FROM held
"""


def extend(claims: Iterable[Claim], *, now: datetime) -> int:
    """This will renew the leases of a worker that still works on these, and give how many it renewed.

    What is out of our hands (a next look, a lease let go) keeps its time. A row that somebody holds is left to the
    next time: it must not keep the others from being renewed.
    """
    held = reduce(or_, (Q(id=claim.target_id, attempts=claim.number) for claim in claims), Q(pk=None))
    ours = PostTarget.objects.filter(held, status=TargetStatus.PUBLISHING, in_hand=True)
    with transaction.atomic():
        free = list(ours.select_for_update(skip_locked=True, no_key=True).values_list("id", flat=True))
        return PostTarget.objects.filter(id__in=free).update(due_at=now + LEASE)


def hold(claim: Claim) -> bool:
    """Whether this claim is still the valid one; until the transaction ends it stays so, and nobody moves the post.

    For what a worker writes beside its move. Whoever holds a post locks it first, so no two wait for each other.
    """
    return _lock(claim) is not None


def is_there(claim: Claim) -> bool:
    """Whether the target of a claim, lost or not, still exists; until the transaction ends nobody removes it."""
    return _lock_post(claim.post_id) and PostTarget.objects.filter(id=claim.target_id).exists()


def give_back(target_ids: Collection[uuid.UUID], *, token: datetime, now: datetime) -> None:
    """This will return what was handed out at `token` and never begun: it may be handed out again at once."""
    PostTarget.objects.filter(id__in=target_ids, due_at=token, in_hand=True).update(due_at=now, in_hand=False)


def let_go(claim: Claim, *, failure: Failure, now: datetime) -> bool:
    """This will end our lease on what we still work on: another worker may take over at once, and looks first."""
    return bool(_held(claim).update(due_at=now, in_hand=False, updated_at=now, **_why(failure)))


def live(claim: Claim, *, remote_id: str, urls: Sequence[str], now: datetime) -> bool:
    """This will record that the target is published: final, whatever follows. `urls`: where its parts are, in order."""
    return _move("live", claim, now, **_live(remote_id, urls, now))


def part_live(claim: Claim, *, urls: Sequence[str], now: datetime) -> bool:
    """This will record that the parts of a thread at `urls` are live, and others to come."""
    return _move("part_live", claim, now, live_parts=_places(urls), in_doubt=False, failures=0)


def postpone(claim: Claim, *, until: datetime, failure: Failure, failures: int, now: datetime) -> bool:
    """This will put the target back: nothing (more) went out, it is tried again at `until`."""
    verb = "postpone" if _held(claim).filter(live_parts=[]).exists() else "pause"
    columns = {"due_at": until, "failures": failures, "in_doubt": False, "in_hand": False}
    return _move(verb, claim, now, **columns, **_why(failure))


def doubt(claim: Claim, *, next_look: datetime, failure: Failure, now: datetime) -> bool:
    """This will record that nobody knows yet whether it went out: the platform is asked again at `next_look`."""
    return _move("doubt", claim, now, due_at=next_look, in_doubt=True, in_hand=False, **_why(failure))


def fail(claim: Claim, *, failure: Failure, now: datetime, in_doubt: bool = False) -> bool:
    """This will record that the target goes no further unless a person does something. `in_doubt`: it may be live."""
    return _move("fail", claim, now, due_at=None, in_doubt=in_doubt, in_hand=False, **_why(failure))


def _held(claim: Claim) -> QuerySet[PostTarget]:
    return PostTarget.objects.filter(id=claim.target_id, attempts=claim.number, status=TargetStatus.PUBLISHING)


def _lock(claim: Claim) -> Before | None:
    """This will hold the claim's target and its post until the transaction ends; None when the claim is not valid."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, (claim.target_id, claim.number, TargetStatus.PUBLISHING))
        found = cursor.fetchone()
    return Before(*found) if found else None


#: Both rows are locked, the post first: so both are looked at as they are when the locks are had.
_LOCK = """
    SELECT target.id, target.post_id, account.id, account.platform, account.workspace_id, target.in_doubt,
        target.live_parts
    FROM posts_post post
    JOIN posts_posttarget target ON target.post_id = post.id
    JOIN integrations_integration account ON account.id = target.integration_id
    WHERE target.id = %s AND target.attempts = %s AND target.status = %s
    FOR NO KEY UPDATE OF post, target
"""


def _lock_post(post_id: uuid.UUID) -> bool:
    return Post.objects.select_for_update(no_key=True).filter(id=post_id).exists()


def _live(remote_id: str, urls: Sequence[str], published_at: datetime) -> dict[str, object]:
    places = _places(urls)
    there = {"platform_post_id": remote_id[:512], "platform_post_url": places[0], "live_parts": places}
    columns = {"due_at": None, "in_hand": False, "failures": 0, "in_doubt": False, "published_at": published_at}
    return {**columns, **there, **_NO_ERROR}


def _places(urls: Sequence[str]) -> list[str]:
    return [url[:1000] for url in urls]


def _why(failure: Failure) -> dict[str, object]:
    return {
        "error_code": failure.code[:50],
        "error_message": failure.message[:1000],
        "error_retryable": failure.retryable,
    }


def _move(verb: str, claim: Claim, now: datetime, **columns: object) -> bool:
    _, new = MOVES[verb]
    with transaction.atomic(savepoint=False):
        before = _lock(claim)
        if before is None:
            return False
        rows.update(PostTarget, {"id": claim.target_id}, status=new, updated_at=now, **columns)
        announcing.moved(verb, before, columns, now=now)
        _settle(claim.post_id)
    return True


# The post follows its targets ---------------------------------------------------------------------------------------


def _settle(post_id: uuid.UUID) -> None:
    """This will bring the post's status in line with its targets'. The caller holds the post's lock."""
    with connection.cursor() as cursor:
        cursor.execute(_TARGETS, [post_id])
        targets = [Now(*row) for row in cursor.fetchall()]
    status, now = follow({target.status for target in targets}), timezone.now()
    live_at = [target.published_at for target in targets if target.published_at]
    last_live = max(live_at) if status == PostStatus.PUBLISHED else None
    rows.update(Post, {"id": post_id}, status=status, published_at=last_live, updated_at=now)
    if status in (PostStatus.PUBLISHED, PostStatus.FAILED) and status != targets[0].post_status:
        announcing.completed(post_id, status=status, targets=targets, now=now)


_TARGETS = """
    SELECT target.id, account.id, account.platform, account.workspace_id, target.status, target.published_at,
        target.platform_post_url, target.error_message, post.status
    FROM posts_posttarget target
    JOIN posts_post post ON post.id = target.post_id
    JOIN integrations_integration account ON account.id = target.integration_id
    WHERE target.post_id = %s ORDER BY target.position, target.id
"""


def _set_post(post: Post, *, status: PostStatus, scheduled_at: datetime | None) -> None:
    now = timezone.now()
    moved = Post.objects.filter(id=post.id, status__in=EDITABLE).update(
        status=status, scheduled_at=scheduled_at, updated_at=now
    )
    if not moved:
        raise RuntimeError(f"{post.id} is not held, or neither a draft nor scheduled")
    post.status, post.scheduled_at, post.updated_at = status, scheduled_at, now
