"""A platform made of plain Python, whose every answer a test writes beforehand. It keeps its own records."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from integrations.models import Workspace
from integrations.platforms.client import Account, Files, Part, Published
from integrations.platforms.errors import NotNow, Unconfirmed
from posts.models import PostTarget, TargetStatus
from publishing import retry
from publishing.publish import publish
from tests import builders

Answer = Callable[[], None]
_numbers = itertools.count(1)


@dataclass
class ScriptedClient:
    """Each call takes the next answer of its script; without one, all goes well."""

    absent_after: ClassVar[timedelta] = timedelta(0)
    absences: ClassVar[int] = 1
    whole_threads: bool = False
    records: list[tuple[str, str]] = field(default_factory=list)
    #: Per call that was accepted, the id that it answers.
    answered: list[str | None] = field(default_factory=list)
    before: list[Exception | None] = field(default_factory=list)
    after: list[Exception | None] = field(default_factory=list)
    looks: list[Exception | None] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    on_prepare: Answer | None = None
    on_publish: Answer | None = None
    on_find: Answer | None = None
    taken: Callable[[str], bool] | None = None

    def new_key(self, *, now: datetime) -> str:
        return f"key-{now.timestamp()}-{next(_numbers)}"

    def prepare(
        self, account: Account, parts: Sequence[Part], *, files: Files, now: datetime
    ) -> Sequence[dict[str, Any]]:
        self.calls.append("prepare")
        if self.on_prepare:
            self.on_prepare()
        bodies = [{"text": part.draft.text, "prepared_at": now.isoformat()} for part in parts]
        return [{"thread": bodies, "keys": [part.key for part in parts]}] if self.whole_threads else bodies

    def publish(self, account: Account, payload: Mapping[str, Any], *, key: str, after: Published | None) -> Published:
        self.calls.append("publish")
        if self.on_publish:
            self.on_publish()
        _raise_next(self.before)
        for one, text in zip(payload.get("keys", [key]), _texts(payload), strict=True):
            self.records.append((one, text))
        self.answered.append(after.remote_id if after else None)
        _raise_next(self.after)
        return _published(*payload.get("keys", [key]))

    def find(
        self,
        account: Account,
        payload: Mapping[str, Any],
        *,
        key: str,
        after: Published | None,
        sent_at: datetime,
        now: datetime,
        taken: Callable[[str], bool],
    ) -> Published | None:
        self.calls.append("find")
        if self.on_find:
            self.on_find()
        self.taken = taken
        _raise_next(self.looks)
        there = any(known == key for known, _ in self.records)
        return _published(*payload.get("keys", [key])) if there else None


def _raise_next(script: list[Exception | None]) -> None:
    if script and (error := script.pop(0)):
        raise error


def _texts(payload: Mapping[str, Any]) -> list[str]:
    return [body["text"] for body in payload.get("thread", [payload])]


def _published(*keys: str) -> Published:
    first, *rest = (Published(remote_id=f"remote-{key}", url=f"https://example.com/{key}") for key in keys)
    return replace(first, rest=tuple(rest))


def step(target: PostTarget) -> PostTarget:
    """One worker takes the target up as if its time had come, whatever it says; gives it as it stands afterwards."""
    target.refresh_from_db()
    assert target.due_at is not None, f"{target.status}: nothing is due"
    PostTarget.objects.filter(id=target.id).update(in_hand=True)
    publish(target_id=target.id, token=target.due_at)
    target.refresh_from_db()
    return target


def unknown(platform: ScriptedClient, workspace: Workspace | None = None, **kwargs: Any) -> PostTarget:
    """A post that is live, and of which the platform never said so."""
    platform.after = [Unconfirmed("No answer.")]
    platform.looks = [NotNow("It is down.") for _ in range(retry.LOOKS - 1)]
    target = builders.due(workspace or builders.workspace(), **kwargs)
    while target.status != TargetStatus.FAILED:
        step(target)
    assert (target.error_code, target.in_doubt) == ("outcome_unknown", True)
    return target
