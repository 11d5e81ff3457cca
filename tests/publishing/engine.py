"""A platform made of plain Python, whose every answer a test writes beforehand. It keeps its own records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from integrations.models import Workspace
from integrations.platforms.base import Draft
from integrations.platforms.client import Account, Published
from integrations.platforms.errors import NotNow, Unconfirmed
from posts.models import PostTarget, TargetStatus
from publishing import retry
from publishing.publish import publish
from tests import builders

Answer = Callable[[], None]


@dataclass
class ScriptedClient:
    """Each call takes the next answer of its script; without one, all goes well."""

    absent_after: ClassVar[timedelta] = timedelta(0)
    absences: ClassVar[int] = 1
    records: list[tuple[str, str]] = field(default_factory=list)
    before: list[Exception | None] = field(default_factory=list)
    after: list[Exception | None] = field(default_factory=list)
    looks: list[Exception | None] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    on_prepare: Answer | None = None
    on_publish: Answer | None = None
    on_find: Answer | None = None
    taken: Callable[[str], bool] | None = None

    def new_key(self, *, now: datetime) -> str:
        return f"key-{now.timestamp()}"

    def prepare(self, account: Account, draft: Draft, *, key: str, now: datetime) -> dict[str, Any]:
        self.calls.append("prepare")
        if self.on_prepare:
            self.on_prepare()
        return {"text": draft.text, "prepared_at": now.isoformat()}

    def publish(self, account: Account, payload: Mapping[str, Any], *, key: str) -> Published:
        self.calls.append("publish")
        if self.on_publish:
            self.on_publish()
        _raise_next(self.before)
        self.records.append((key, payload["text"]))
        _raise_next(self.after)
        return _published(key)

    def find(
        self,
        account: Account,
        payload: Mapping[str, Any],
        *,
        key: str,
        sent_at: datetime,
        now: datetime,
        taken: Callable[[str], bool],
    ) -> Published | None:
        self.calls.append("find")
        if self.on_find:
            self.on_find()
        self.taken = taken
        _raise_next(self.looks)
        return _published(key) if any(known == key for known, _ in self.records) else None


def _raise_next(script: list[Exception | None]) -> None:
    if script and (error := script.pop(0)):
        raise error


def _published(key: str) -> Published:
    return Published(remote_id=f"remote-{key}", url=f"https://example.com/{key}")


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
