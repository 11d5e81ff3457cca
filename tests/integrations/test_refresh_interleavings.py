"""Every order in which the steps of several workers, a person and the clock can meet, against the real UPDATEs.

A worker that dies is one whose next step never comes, so every beginning of an order is a death as well. States that
were seen before are not walked again: what is to come depends on them alone.
"""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from integrations import connect, refresh_claim
from integrations.models import Integration
from integrations.models.integration import IntegrationQuerySet
from integrations.platforms.connecting import Connection, Tokens
from integrations.refresh_claim import Claim
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)

BASE = timezone.now().replace(microsecond=0)
#: Longer than any lease.
LAPSE = timedelta(minutes=1)


@dataclass(frozen=True)
class Worker:
    """Where one worker stands, as `tokens.account_of` takes its steps, and how often it will begin anew."""

    at: str = "idle"
    tries: int = 1
    claim: Claim | None = None
    token: str = ""


@dataclass(frozen=True)
class World:
    """All that is not in the row. `lapses`: how often the clock will still jump over every lease; `sent`: every token
    X was given, in order; `lost`: those without an answer.
    """

    workers: tuple[Worker, ...]
    lapses: int
    minutes: int = 0
    steps: int = 0
    reconnected: bool = False
    sent: tuple[str, ...] = ()
    lost: frozenset[str] = frozenset()

    @property
    def now(self) -> datetime:
        return BASE + self.minutes * LAPSE + timedelta(microseconds=self.steps)

    def moved(self, number: int, **fields: object) -> "World":
        workers = list(self.workers)
        workers[number] = dataclasses.replace(workers[number], **fields)  # type: ignore[arg-type]
        return dataclasses.replace(self, workers=tuple(workers))


def row() -> Integration:
    return Integration.objects.get()


def pair(token: str) -> Tokens:
    return Tokens({"refresh_token": token}, BASE + timedelta(hours=2))


def is_good(integration: Integration, now: datetime) -> bool:
    return integration.token_expires_at is not None and now < integration.token_expires_at


def step(world: World, number: int, *, answered: bool = True) -> World:
    """One worker's next step, and nothing else, happens."""
    worker, now = world.workers[number], world.now
    match worker.at:
        case "idle":
            integration = row()
            claim = None if is_good(integration, now) else refresh_claim.take(integration, now=now)
            if claim is None and not is_good(integration, now) and refresh_claim.is_cut_off(row(), now=now):
                inside = [other for other in world.workers if other.at in ("fenced", "answered", "unanswered")]
                assert inside, "an account was given up although nobody ever stopped inside a call"
            return world.moved(number, at="claimed" if claim else "idle", tries=worker.tries - 1, claim=claim)
        case "claimed":
            integration = row()
            assert worker.claim
            if is_good(integration, now):
                refresh_claim.give_back(worker.claim)
                return world.moved(number, at="idle", claim=None)
            return world.moved(number, at="ready", token=integration.credentials["refresh_token"])
        case "ready":
            assert worker.claim
            claim = refresh_claim.fence(worker.claim, now=now)
            return world.moved(number, at="fenced" if claim else "idle", claim=claim)
        case "fenced":
            assert worker.token not in set(world.sent) - world.lost, f"{worker.token} was sent twice"
            world = dataclasses.replace(world, sent=(*world.sent, worker.token))
            if not answered:
                world = dataclasses.replace(world, lost=world.lost | {worker.token})
            return world.moved(number, at="answered" if answered else "unanswered")
        case "answered":
            assert worker.claim
            family, _, generation = worker.token.partition(".")
            refresh_claim.store(worker.claim, pair(f"{family}.{int(generation) + 1}"), now=now)
            return world.moved(number, at="idle", claim=None)
        case _:
            assert worker.claim
            refresh_claim.give_back(worker.claim, unanswered=True)
            return world.moved(number, at="idle", claim=None)


def reconnect(world: World) -> World:
    fresh = Connection(row().remote_id, "ada", "", dataclasses.replace(pair("person.0"), expires_at=world.now))
    connect.connect(workspace=row().workspace, platform="twitter", connection=fresh, now=world.now)
    return dataclasses.replace(world, reconnected=True)


def moves(world: World, *, losing: bool) -> Iterator[Callable[[], World]]:
    for number, worker in enumerate(world.workers):
        if worker.at != "idle" or worker.tries:
            yield lambda number=number: step(world, number)  # type: ignore[misc]
        if worker.at == "fenced" and losing:
            yield lambda number=number: step(world, number, answered=False)  # type: ignore[misc]
    if world.lapses:
        yield lambda: dataclasses.replace(world, minutes=world.minutes + 1, lapses=world.lapses - 1)
    if not world.reconnected:
        yield lambda: reconnect(world)


def key_of(world: World, integration: Integration) -> object:
    """The state without the very times: whose lease stands in the row, and whether it has passed."""
    lease = integration.refresh_lease_until
    workers = [
        (
            worker.at,
            worker.tries,
            worker.token,
            bool(worker.claim and worker.claim.lease == lease),
            bool(worker.claim and worker.claim.lease < world.now),
        )
        for worker in world.workers
    ]
    return (
        tuple(sorted(workers)),
        (lease is None, bool(lease and lease < world.now), integration.refresh_sent),
        (integration.credentials["refresh_token"], is_good(integration, world.now)),
        (world.minutes, world.reconnected, frozenset(world.sent), world.lost),
    )


def walk(world: World, seen: set[object], *, losing: bool) -> None:
    """This will try everything that can happen next, and put the row back after each."""
    integration = row()
    key = key_of(world, integration)
    if key in seen:
        return
    seen.add(key)
    token = integration.credentials["refresh_token"]
    assert not world.reconnected or token.startswith("person."), "the person's was lost"
    for move in moves(world, losing=losing):
        after = move()
        walk(dataclasses.replace(after, steps=after.steps + 1), seen, losing=losing)
        integration.save(force_update=True)


def explore(workers: int = 2, *, tries: int = 2, lapses: int = 2, losing: bool = False) -> int:
    """This will walk through all orders, and give the number of states."""
    builders.integration(
        builders.workspace("live"),
        remote_id="ada",
        credentials={"refresh_token": "first.0"},
        token_expires_at=BASE,
        connected_at=BASE - timedelta(days=1),
    )
    seen: set[object] = set()
    walk(World((Worker(tries=tries),) * workers, lapses), seen, losing=losing)
    return len(seen)


@pytest.mark.parametrize(
    ("workers", "tries", "lapses", "losing"),
    [
        (2, 1, 2, True),
        *(pytest.param(*how, marks=pytest.mark.exhaustive) for how in ((2, 2, 2, False), (3, 1, 1, False))),
    ],
    ids=["two, and X's answers may be lost", "two that begin anew", "three"],
)
def test_no_order_sends_a_token_twice(workers: int, tries: int, lapses: int, losing: bool) -> None:
    assert explore(workers, tries=tries, lapses=lapses, losing=losing) > 250


def anyones(claim: Claim) -> IntegrationQuerySet:
    return Integration.objects.filter(id=claim.integration_id)


def take_whatever_was_sent(integration: Integration, *, now: datetime) -> Claim | None:
    Integration.objects.filter(refresh_lease_until__lt=now).update(refresh_sent=False)
    return TAKE(integration, now=now)


TAKE = refresh_claim.take


@pytest.mark.parametrize(
    ("guard", "without", "says"),
    [
        ("take", take_whatever_was_sent, "sent twice"),
        ("fence", lambda claim, *, now: claim, "sent twice"),
        ("_held", anyones, "the person's was lost"),
    ],
    ids=["take", "fence", "store"],
)
def test_it_finds_the_order_when_a_guard_is_taken_out(
    monkeypatch: pytest.MonkeyPatch, guard: str, without: object, says: str
) -> None:
    monkeypatch.setattr(refresh_claim, guard, without)
    with pytest.raises(AssertionError, match=says):
        explore()
