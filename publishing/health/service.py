"""How the service does: its parts, and then what comes of them, which is the truth that counts.

Every question is asked each time, whatever the others answered, and all of them in a bounded time.
"""

from collections.abc import Callable
from functools import cache
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from openpost import clock
from openpost.celery import app
from posts.telling import listed, moment, span

from .. import overdue, pulse, workers
from .bounded import Bounded, TooSlow, brief, own_connection
from .finding import Finding, bad, good

#: Seconds for all of it.
WITHIN = 2.0
#: Late posts are counted up to here.
MOST_LATE = 100

START_BEAT = (
    "Start beat as the Procfile says (one process), and look at its log: until then nothing goes out by itself."
)
START_WORKER = "Start a worker as the Procfile says, and look at its log."
MIGRATE = "Run `manage.py migrate`."
UNKNOWN = "Not known: the database does not answer."


def look() -> list[Finding]:
    """This will give how the service does, one finding for each of `names()`, within WITHIN seconds or little more."""
    until = monotonic() + WITHIN
    redis_asked, database_asked = _begin(_redis), _begin(_database)
    return [*_answer(database_asked, until, _no_database), *_answer(redis_asked, until, _no_redis)]


def look_at_redis() -> Finding:
    """Whether the broker answers, within WITHIN seconds."""
    return _answer(_begin(_redis), monotonic() + WITHIN, _no_redis)[0]


def names() -> list[str]:
    """The names of what `look` finds, in its order."""
    return ["database", *_OF_THE_DATABASE, "redis"]


# Redis ---------------------------------------------------------------------------------------------------------------


def redis_client(*, within: float) -> Redis:
    """A client of its own that tries once, `within` so many seconds."""
    tls = (
        {} if settings.REDIS_TLS_VERIFY or not settings.REDIS_URL.startswith("rediss://") else {"ssl_cert_reqs": "none"}
    )
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=within, socket_connect_timeout=within, retry=Retry(NoBackoff(), 0), **tls
    )


def _ask_redis() -> list[Finding]:
    with redis_client(within=WITHIN / 2) as redis:
        redis.ping()
    return [good("redis", "It answers.")]


def _no_redis(error: BaseException) -> list[Finding]:
    what = f"It does not answer ({_kind(error)})."
    do = "Look at the server behind REDIS_URL. Posts are taken and kept meanwhile, and go out when it is back."
    return [bad("redis", what, do)]


# PostgreSQL, and what stands in it -----------------------------------------------------------------------------------


def _ask_database() -> list[Finding]:
    with own_connection():
        with brief():
            clock.now()
        return [good("database", "It answers."), *(_careful(name, ask) for name, ask in _OF_THE_DATABASE.items())]


def _no_database(error: BaseException) -> list[Finding]:
    what = f"It does not answer ({_kind(error)})."
    down = bad("database", what, "Look at the server behind DATABASE_URL: without it nothing works.")
    return [down, *(bad(name, UNKNOWN, "See the line about the database.") for name in _OF_THE_DATABASE)]


def _careful(name: str, ask: Callable[[], Finding]) -> Finding:
    """What cannot be asked, as of a table that is not there yet, is no reason not to ask the rest."""
    try:
        with brief():
            return ask()
    except DatabaseError as error:
        return bad(name, f"Not known: the database could not say it ({_kind(error)}).", "See the lines above.")


def _migrations() -> Finding:
    missing = unapplied()
    if not missing:
        return good("migrations", "All are applied.")
    return bad("migrations", f"Not applied: {listed(missing)}.", f"{MIGRATE} On Heroku the release phase does it.")


def unapplied() -> list[str]:
    """The migrations that this code has and the database has not."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    return sorted(f"{app_label}.{name}" for app_label, name in _known_migrations() - applied)


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return frozenset(loader.disk_migrations)


def beat() -> Finding:
    """Whether beat ticks, by what it says of itself."""
    last, now = pulse.last(pulse.BEAT), clock.now()
    if last is None:
        return bad("beat", "It has never ticked.", START_BEAT)
    if now - last < pulse.FRESH:
        return good("beat", "It ticks.")
    return bad("beat", f"Its last tick was at {moment(last)}, {span(now - last)} ago.", START_BEAT)


def at_work() -> Finding:
    """Whether workers live, take from every queue, and take up what beat sends."""
    alive, now = workers.alive(), clock.now()
    if not alive:
        return bad("workers", "None is running.", START_WORKER)
    count = f"{len(alive)} {'is' if len(alive) == 1 else 'are'} running"
    if idle := workers.untaken(alive, app.conf.task_queues):
        what = f"{count}, and none of them takes from {listed(idle)}."
        return bad("workers", what, "Start a worker for these queues: one without -Q takes from all.")
    taken = pulse.last(pulse.TICK)
    begun = min(worker.started_at for worker in alive)
    ticked = pulse.last(pulse.BEAT)
    if ticked and now - ticked < pulse.FRESH and now - max(taken or begun, begun) > pulse.FRESH:
        what = f"{count}, and no tick of beat was taken up since {moment(taken) if taken else 'ever'}."
        return bad("workers", what, "See that REDIS_URL is the same everywhere, and what the workers' log says.")
    return good("workers", f"{count}.")


def _overdue() -> Finding:
    now = clock.now()
    wrong = [one for one in overdue.alarming(now=now).values_list("wanted_at", flat=True)[:MOST_LATE] if one]
    if wrong:
        number = f"{len(wrong)} or more" if len(wrong) == MOST_LATE else f"{len(wrong)}"
        what = f"Posts that should be out and are not: {number}. The oldest was wanted at {moment(wrong[0])}."
        return bad("overdue", what, "`manage.py overdue` lists them with the reason of each.")
    excused = overdue.targets(now=now, by=overdue.LATE)[:MOST_LATE].count()
    also = f", but {excused} that wait for their account or its platform" if excused else ""
    return good("overdue", f"Nothing is late by {span(overdue.LATE)} or more{also}.")


_OF_THE_DATABASE: dict[str, Callable[[], Finding]] = {
    "migrations": _migrations,
    "beat": beat,
    "workers": at_work,
    "overdue": _overdue,
}

# Both at the same time -----------------------------------------------------------------------------------------------

_redis = Bounded(_ask_redis, within=WITHIN)
_database = Bounded(_ask_database, within=WITHIN)


def _begin(question: Bounded[list[Finding]]) -> Callable[[float], list[Finding]]:
    try:
        return question.begin().result
    except TooSlow as error:
        hung = error

    def still(_within: float) -> list[Finding]:
        raise hung

    return still


def _answer(
    asked: Callable[[float], list[Finding]], until: float, otherwise: Callable[[BaseException], list[Finding]]
) -> list[Finding]:
    try:
        return asked(max(0.0, until - monotonic()))
    except (TooSlow, TimeoutError, DatabaseError, RedisError, OSError) as error:
        return otherwise(error)


def _kind(error: BaseException) -> str:
    """What went wrong, in words that hold no address and no password."""
    if isinstance(error, TooSlow | TimeoutError):
        return f"nothing came within {WITHIN:g} s"
    return type(error).__name__
