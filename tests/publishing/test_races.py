"""Every two that may meet on one row, with real connections, from every standing in which that makes sense.

Each pair in both orders: the first is held, with its work done and not committed, and again between its
transactions and while the platform answers it, until the second has ended or waits for it. And both at the same
moment. Whatever comes of it is then driven to rest and judged, above all by what the platform has.

Each pair meets in one standing whenever the tests run, all standings among them; in every other in `make explore`.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import combinations_with_replacement, count, permutations
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from integrations.models import Integration
from posts import hints
from posts.models import Post, PostStatus, PostTarget, TargetStatus
from posts.status import follow
from publishing import publish as engine
from publishing.models import Attempt, Delivery, DeliveryState
from publishing.tasks import publish_task
from tests import builders

from . import scenes
from .actors import ACTORS, NEW, PERSONS, SENDING
from .overlap import Answer, Two, apart
from .scenes import HANDED, OLD, STANDINGS, UNDER_WAY, Message, Picture, Scene

pytestmark = pytest.mark.django_db

Log = pytest.LogCaptureFixture
PAIRS = list(combinations_with_replacement(ACTORS, 2))


@dataclass
class Stage:
    """Where the races are run, one after the other: one account, two threads, a broker and a platform."""

    account: Integration
    two: Two = field(init=False)
    referee: ThreadPoolExecutor = field(init=False)
    sent: list[Message] = field(default_factory=list)
    scene: Scene | None = None
    pictures: dict[str, Picture] = field(default_factory=dict)

    def set(self, standing: str) -> Scene:
        if standing not in self.pictures:
            self.pictures[standing] = scenes.picture(self.account, standing)
        # What a race that went wrong left behind would come into the next one.
        Post.objects.filter(targets__integration=self.account, targets__due_at__isnull=False).delete()
        self.sent.clear()
        self.scene = scenes.copy(self.pictures[standing])
        return self.scene


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    """One for all races, for their number. All is committed, on other threads than the test's, and removed at last."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, apart() as referee:
        stage = referee.submit(_built).result()

        def send(_task: str, target_id: str, token: str, *, queue: str) -> bool:
            stage.sent.append((UUID(target_id), datetime.fromisoformat(token)))
            return True

        patch.setattr(hints, "hint", send)
        patch.setattr(engine, "client_for", lambda _integration: stage.scene and stage.scene.platform)
        with apart() as one, apart() as other:
            stage.two, stage.referee = Two(one, other), referee
            yield stage
        referee.submit(_remove, stage).result()


def _built() -> Stage:
    return Stage(builders.account(builders.workspace()))


def _remove(stage: Stage) -> None:
    room = stage.account.workspace
    for rows in (room.posts, room.integrations):
        rows.all().delete()
    room.delete()


def standings(one: str, other: str) -> list[str]:
    """Where it makes sense that these two meet: where at least one of them changes something."""
    pair = {one, other}
    either = ACTORS[one].changes | ACTORS[other].changes or {"lapsed"}
    if pair & {"resolve_live", "resolve_absent"}:
        # What is not unknown has nothing to resolve, and what comes of a person's mistake is no race.
        either = {"unknown_absent"} if "resolve_absent" in pair else {"unknown"}
    if pair == {"worker"}:
        either -= {"claimed", "publishing", "lapsed"}  # nobody else has that worker's claim
    if not pair & PERSONS:
        either -= set(HANDED) - {"handed"}
    return [name for name in STANDINGS if name in either]


def meetings() -> Iterator[Any]:
    """Every pair in each standing. Of each pair the one that fewest pairs before it had is no exploration."""
    had: Counter[str] = Counter()
    for one, other in PAIRS:
        places = standings(one, other)
        had[typical := min(places, key=had.__getitem__)] += 1
        for standing in places:
            yield pytest.param(one, other, standing, marks=() if standing == typical else pytest.mark.exhaustive)


MEETINGS = list(meetings())


def test_every_two_meet_somewhere() -> None:
    assert len(PAIRS) == len(ACTORS) * (len(ACTORS) + 1) / 2
    often = [meeting.values for meeting in MEETINGS if not meeting.marks]
    assert [tuple(pair) for *pair, _ in often] == PAIRS
    assert {standing for *_, standing in often} == set(STANDINGS)


@pytest.mark.parametrize(("one", "other", "standing"), MEETINGS)
def test_one_is_held_while_the_other_comes(stage: Stage, one: str, other: str, standing: str, caplog: Log) -> None:
    def run() -> None:
        for first, second in dict.fromkeys(permutations((one, other))):
            for nth in count(1):
                scene = stage.set(standing)
                before = list(scene.platform.records)
                *answers, more = stage.two.held(_call(first, scene), _call(second, scene), nth=nth)
                with naming(f"{first} held at step {nth}, {second}: {answers}"):
                    judge(stage, standing, [first, second], answers, caplog)
                    if first == "delete" and not answers[0].told:
                        assert scene.platform.records == before, "it was deleted before a worker had it"
                if not more:
                    break

    stage.referee.submit(run).result()


@pytest.mark.parametrize(("one", "other", "standing"), MEETINGS)
def test_both_begin_at_the_same_moment(stage: Stage, one: str, other: str, standing: str, caplog: Log) -> None:
    def run() -> None:
        scene = stage.set(standing)
        answers = stage.two.together(_call(one, scene), _call(other, scene))
        with naming(f"{answers}"):
            judge(stage, standing, [one, other], answers, caplog)

    stage.referee.submit(run).result()


def _call(name: str, scene: Scene) -> Callable[[], object]:
    return partial(ACTORS[name].act, scene)


@contextmanager
def naming(race: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise AssertionError(race) from error


def judge(stage: Stage, standing: str, names: list[str], answers: Sequence[Answer], log: Log) -> None:
    """What holds at rest, whoever met."""
    scene = _rest(stage)
    done = {name for name, answer in zip(names, answers, strict=True) if not answer.told}
    assert not [record for record in log.records if record.levelno >= logging.ERROR]
    assert len(scene.platform.records) <= 1
    assert "late" not in done
    for name, answer in zip(names, answers, strict=True):
        assert name != "doubled" or standing not in UNDER_WAY or answer.value is None, "it took a worker's work away"
    target = PostTarget.objects.select_related("post").filter(id=scene.target.id).first()
    assert (target is None) == ("delete" in done)
    if target:
        _judge_rows(target, Delivery.objects.get(target=target))
        _judge_words(scene, target, standing, done)
        _judge_end(target, standing, done)


def _rest(stage: Stage) -> Scene:
    """This will let the machine go on until nothing is due any more, and then bring every message once more."""
    assert stage.scene
    scene, target = stage.scene, stage.scene.target
    for _ in range(20):
        # What was in the air has landed by now.
        Delivery.objects.filter(target=target).update(resent_at=timezone.now() - timedelta(hours=1))
        for target_id, token in stage.sent:
            publish_task(str(target_id), token.isoformat())
        due_at = PostTarget.objects.filter(id=target.id).values_list("due_at", flat=True).first()
        if due_at is None:
            return scene
        hints.hand_out(now=due_at)
    raise AssertionError("it comes to no rest")


def _judge_rows(target: PostTarget, delivery: Delivery) -> None:
    """Post, target and ledger say the same, and nothing waits for a worker."""
    assert target.status != TargetStatus.PUBLISHING
    assert target.post.status in {PostStatus.DRAFT, follow([target.status])}
    assert target.post.status != PostStatus.SCHEDULED
    assert (delivery.state == DeliveryState.LIVE) == (target.status == TargetStatus.PUBLISHED)
    assert not Attempt.objects.filter(target=target, code="internal_error").exists()


def _judge_words(scene: Scene, target: PostTarget, standing: str, done: set[str]) -> None:
    """The platform has what the post shows, once if we say so; and the post shows the edit that was accepted."""
    assert target.post.content == (NEW if "edit" in done else OLD)
    assert all(text == target.post.content for _, text in scene.platform.records)
    if standing == "unknown_absent" and "resolve_live" in done:
        return  # a person said so
    there = target.status == TargetStatus.PUBLISHED or (target.in_doubt and standing == "unknown")
    assert len(scene.platform.records) == there


def _judge_end(target: PostTarget, standing: str, done: set[str]) -> None:
    """Whoever was told "done" got what they asked for."""
    draft, live = target.post.status == PostStatus.DRAFT, target.status == TargetStatus.PUBLISHED
    if "cancel" in done and not done & SENDING:
        assert draft
    elif "cancel" in done:
        assert draft or live
    elif target.error_code == "rejected":
        assert standing == "handed_refused"
    elif standing in {"due", "handed", "handed_later", "handed_lost", *UNDER_WAY} or done & SENDING:
        assert live
    if "move" in done and not done & {"cancel", "publish_now"}:
        assert target.post.scheduled_at
        assert target.post.scheduled_at > timezone.now() + timedelta(hours=23)
    if {"resolve_live", "resolve_absent"} >= done:
        assert len(done) < 2, "two persons settled the same question"
