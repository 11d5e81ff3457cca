"""What should have gone out by now and has not, and why: for whoever is asked "where is my post?"."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from integrations.platforms.codes import CODES, Side
from openpost.celery import app
from posts import waiting
from posts.models import PostTarget, TargetStatus
from posts.telling import moment
from posts.waiting import Present

#: What is late by less is only waiting for its second.
LATE = timedelta(minutes=1)
#: Short troubles of a platform, and a worker's long job, end by themselves; after so long a person must know.
LONG = timedelta(minutes=30)
#: What keeps one account's posts back and says nothing of the service: its platform takes no more from it for now.
ACCOUNTS_OWN = ("account_resting", "rate_limited", "too_many_posts")
#: Codes of a platform's side, which may be its trouble or ours with it: it may refuse this service alone.
PLATFORMS_OWN = tuple(code for code, trouble in CODES.items() if trouble.side == Side.PLATFORM)

#: Seconds that workers have to answer.
PATIENCE = 2
NO_WORKER = "No worker answers: start one (`worker` in the Procfile)."


def targets(*, now: datetime, by: timedelta) -> QuerySet[PostTarget]:
    """What was wanted more than `by` ago and is not at its end, oldest first; by the index target_wanted."""
    late = PostTarget.objects.filter(due_at__isnull=False, wanted_at__lt=now - by)
    accounts = late.select_related("integration__workspace").defer("integration__credentials")
    return accounts.order_by("wanted_at", "id")


def alarming(*, now: datetime) -> QuerySet[PostTarget]:
    """What is late, and whoever runs the service must know: red on /readyz. Oldest first.

    A late post is red whatever holds it back (nobody's taking it up, the broker, the network, our app, our own
    mistakes), a minute after it was wanted. Two things only are given longer. What the platform has trouble with, and
    what a worker has in its hands at this moment, may mend itself: red after LONG. And what one account's own limit
    keeps back is never red: with many accounts some always rest, and a light that is always red is not looked at. Its
    owners are told (alerts). An account that must be connected again keeps nothing back: its posts fail at once.
    """
    account_keeps = Q(integration__resting_until__gt=now) | Q(error_code__in=ACCOUNTS_OWN)
    in_work = Q(status=TargetStatus.PUBLISHING, due_at__gt=now)
    late = targets(now=now, by=LATE).exclude(account_keeps)
    return late.filter(Q(wanted_at__lt=now - LONG) | ~(in_work | Q(error_code__in=PLATFORMS_OWN)))


def reasons(late: QuerySet[PostTarget], *, now: datetime) -> Iterator[tuple[PostTarget, str]]:
    """This will give each of them with a sentence that says what it waits for."""
    present = Present(now)
    for target in late:
        known = waiting.reason(target, present)
        yield target, known.message if known else _where(target, now)


def _where(target: PostTarget, now: datetime) -> str:
    """Where a target stands that nothing keeps back."""
    if target.due_at is None or target.due_at <= now:
        if target.status == TargetStatus.PUBLISHING:
            return "Its worker was lost; the next tick gives it to another, which asks the platform first."
        if target.in_hand:
            return "It was handed to the workers and none began; the next tick hands it out again."
        return "It waits for its turn: others of its account come first, or no tick has come."
    if target.status == TargetStatus.PUBLISHING:
        return f"It is in a worker's hands; should that worker be lost, another takes over at {moment(target.due_at)}."
    return f"It was handed to the workers; should none begin, it is handed out again at {moment(target.due_at)}."


def the_machine(late: int) -> Iterator[str]:
    """This will say what is wrong with the machine itself, as far as it shows from here."""
    try:
        answers = workers()
    except (KombuError, RedisError, OSError) as error:
        yield f"The broker (REDIS_URL) does not answer: {type(error).__name__}. Without it nothing is handed out."
        return
    yield f"Workers that answer: {answers}." if answers else NO_WORKER
    if late and answers:
        yield "If nothing moves, see that beat runs: it ticks once a second. `manage.py dispatch` is one tick by hand."


def workers() -> int:
    """How many worker processes answer; raises what the broker's library raises when that is away."""
    return len(app.control.ping(timeout=PATIENCE))
