"""What /metrics tells of the database: by indexes, so that it costs by what is due and not by what is stored."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Min, Model, QuerySet

from integrations.models import WebhookDelivery
from openpost import clock
from openpost.seeing.facts import Fact
from posts.models import PostTarget, TargetStatus

from . import overdue, pulse, refresh_ahead, workers
from .models import Pulse

log = logging.getLogger(__name__)

#: Seconds after which PostgreSQL gives up a question: what comes late is of no use to a scrape.
PATIENCE = 2
#: What is more is not counted to the end: it is many.
MOST = 100_000

# What ANALYZE found last, at no cost whatever the size of the table; columns are those of pg_stats.
_STORED = """
    SELECT value, share * greatest(pg_class.reltuples, 0)
    FROM pg_stats
    JOIN pg_class ON pg_class.oid = to_regclass(quote_ident(schemaname) || '.' || quote_ident(tablename))
    CROSS JOIN LATERAL unnest(most_common_vals::text::text[], most_common_freqs) AS common(value, share)
    WHERE tablename = %s AND attname = 'status' AND schemaname = current_schema()
"""


def facts() -> list[Fact]:
    """This will ask for all of them; for none, when PostgreSQL is away or too slow."""
    found: list[Fact] = []
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{PATIENCE}s"])
            now = clock.now()
            found = [*_targets(now), *_tokens(now), *_webhooks(now), *_processes(now)]
    except DatabaseError as error:
        log.warning("PostgreSQL did not give what /metrics tells of it: %s", error)
    says = "Whether PostgreSQL gave the facts that are asked of it"
    return [*found, Fact("openpost_database_readable", says, "", {"": bool(found)})]


def _targets(now: datetime) -> Iterator[Fact]:
    late = overdue.targets(now=now, by=overdue.LATE)
    yield Fact("openpost_overdue_targets", "Targets that are late by more than a minute", "", {"": _bounded(late)})
    alarming = overdue.alarming(now=now)
    says = "Of these, those that whoever runs the service must know of"
    yield Fact("openpost_overdue_alarming_targets", says, "", {"": _bounded(alarming)})
    oldest = PostTarget.objects.filter(due_at__isnull=False).aggregate(at=Min("wanted_at"))["at"]
    says = "By how much the latest of all targets is late"
    yield Fact("openpost_overdue_oldest_seconds", says, "", {"": _seconds(now, oldest)})
    working = PostTarget.objects.filter(due_at__isnull=False)
    moments = {
        "due": working.filter(due_at__lte=now),
        "in_hand": working.filter(in_hand=True, due_at__gt=now),
        "publishing": working.filter(status=TargetStatus.PUBLISHING),
        "within_an_hour": working.filter(due_at__gt=now, due_at__lte=now + timedelta(hours=1)),
    }
    counted = {name: _bounded(rows) for name, rows in moments.items()}
    yield Fact("openpost_targets", "Targets with something to be done", "state", counted)
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [PostTarget._meta.db_table])
        stored = {status: round(number) for status, number in cursor.fetchall()}
    yield Fact("openpost_targets_stored", "All targets, as PostgreSQL estimates them", "status", stored)


def _tokens(now: datetime) -> Iterator[Fact]:
    ending = refresh_ahead.wanted(now=now).order_by().values_list("platform").annotate(n=Count("*"))
    says = "Accounts whose token ends within the hour, before something is to go out, and was not renewed yet"
    yield Fact("openpost_tokens_ending", says, "platform", dict(ending))


def _webhooks(now: datetime) -> Iterator[Fact]:
    due = WebhookDelivery.objects.filter(due_at__lte=now)
    yield Fact("openpost_webhook_deliveries_due", "Deliveries that are due", "", {"": _bounded(due)})


def _processes(now: datetime) -> Iterator[Fact]:
    yield Fact("openpost_workers", "Worker processes that live", "", {"": len(workers.alive(now))})
    pulses = {name: _seconds(now, at) for name in (Pulse.TICK, Pulse.BEAT) if (at := pulse.last(name))}
    says = "Since the last tick that a worker took up, and that beat sent"
    yield Fact("openpost_pulse_age_seconds", says, "pulse", pulses)


def _bounded(rows: QuerySet[Model]) -> int:
    return rows.order_by()[:MOST].count()


def _seconds(now: datetime, then: datetime | None) -> float:
    return max(0.0, (now - then).total_seconds()) if then else 0.0
