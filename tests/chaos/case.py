"""One case: a step, a fault, platforms, and what must be true afterwards, by the platforms' own records."""

import itertools
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from .account import Account
from .failpoints import Strike
from .program import Program
from .stack import Stack

#: What is promised: seconds from the fault until the post is where it must be.
RECOVERY = 45.0
#: How much longer we look on, so that "late" can be told from "never"; seconds.
OVERTIME = 45.0
POLL_SECONDS = 0.5

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Expect:
    """`live` posts at the platform, the target's `status` and error `code` over the API."""

    live: int = 1
    status: str = "published"
    code: str = ""
    within: float = RECOVERY


class Wrong(Exception):
    """The product did wrong while a case played: a sentence."""


@dataclass
class Scene:
    """One post on one account, from its draft on."""

    stack: Stack
    account: Account
    text: str
    #: The texts of the case's other posts of the same account.
    others: frozenset[str] = frozenset()
    #: Parts of the thread after the first, and a file beside the first.
    parts: int = 0
    picture: bytes = b""
    post_id: str = ""
    target_id: str = ""
    #: When it was to go out, where that was set by `fall_due`.
    due: datetime | None = None
    #: When the play saw it where it must be (Unix seconds), if the play waited for that itself.
    reached_at: float | None = None

    @cached_property
    def program(self) -> Program:
        return Program(self.stack.url, self.account.key)

    @property
    def platform(self) -> str:
        return self.account.network.platform

    @property
    def texts(self) -> list[str]:
        """What each part of the thread says."""
        return [self.text, *(f"{self.text} ({number})" for number in range(2, self.parts + 2))]

    def draft(self, *, at: datetime | None = None) -> None:
        """This will write the post: nothing of it goes out yet."""
        stamp = at.isoformat() if at else None
        media_ids = [self.program.upload(self.picture)] if self.picture else []
        post = self.program.create(
            self.text, [self.account.integration_id], at=stamp, thread=self.texts[1:], media_ids=media_ids
        )
        self.post_id, self.target_id = post["id"], post["post_targets"][0]["id"]

    def publish(self) -> None:
        self.program.publish(self.post_id)

    def fall_due(self, *, seconds: float) -> None:
        """This will move a scheduled post's time to so many seconds from now: it goes out by the clock, without a hint.

        Over the API a time that near means "now", which sends a hint: so the row's own clock is set.
        """
        moment = self.due = datetime.now(UTC) + timedelta(seconds=seconds)
        self.stack.sql(
            "UPDATE posts_posttarget SET due_at = %s, wanted_at = %s WHERE id = %s", moment, moment, self.target_id
        )
        self.stack.sql("UPDATE posts_post SET scheduled_at = %s WHERE id = %s", moment, self.post_id)

    def arm(self, step: str, what: str, *, account: bool = False) -> None:
        """This will arm a failpoint for this target, or for its account's refresh."""
        self.stack.failpoints.arm(step, self._subject(account), what)

    def struck(self, step: str, *, account: bool = False, within: float = 80) -> Strike:
        """This will give the strike of an armed failpoint, waiting for it. Errors: TimeoutError."""
        return self.stack.failpoints.wait(step, self._subject(account), within=within)

    def trouble(self, call: str, do: str, when: str = "before", **how: Any) -> None:
        self.account.network.trouble(self.account, call, do, when, **how)

    def befell(self, call: str = "send", *, times: int = 1, within: float = 60) -> float:
        """When scripted trouble befell that many calls; waits for it. Errors: TimeoutError."""
        deadline = time.monotonic() + within
        while len(moments := self.account.network.befell(self.account, call)) < times:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the scripted trouble did not befall {call} within {within:.0f} s")
            time.sleep(0.1)
        return moments[times - 1]

    def live(self) -> int:
        """How often the post is live, by the platform's own records. Whatever else is live there counts as well."""
        return sum(record.text not in self.others for record in self.account.records)

    def target(self) -> Any:
        """The target as the API shows it."""
        post = self.program.read(self.post_id)
        return next(target for target in post["post_targets"] if target["id"] == self.target_id)

    def until(self, status: str, code: str = "", *, within: float) -> None:
        """This will wait until the API shows the target so. Errors: Wrong."""
        deadline = time.monotonic() + within
        while (found := shown(self.target())) != (status, code):
            if time.monotonic() > deadline:
                raise Wrong(f"{status} {code} expected within {within:.0f} s, not {found}")
            time.sleep(POLL_SECONDS)
        self.reached_at = time.time()

    def token_ends(self, *, in_seconds: float = -1) -> None:
        """This will make the account's token one that, as far as we know, ends so soon that it is refreshed first."""
        self.stack.sql(
            "UPDATE integrations_integration SET token_expires_at = now() + %s WHERE id = %s",
            timedelta(seconds=in_seconds),
            self.account.integration_id,
        )

    def _subject(self, account: bool) -> str:
        return self.account.integration_id if account else self.target_id


LIVE = Expect()

#: Makes the trouble, and gives the moment of the last fault (Unix seconds).
Play = Callable[[list[Scene]], float]
#: What else must hold: sentences about what does not.
Check = Callable[[Scene], list[str]]


def _nothing_more(_scene: Scene) -> list[str]:
    return []


@dataclass(frozen=True)
class Case:
    step: str
    fault: str
    platforms: tuple[str, ...]
    play: Play
    expect: Expect = Expect()
    #: Where one of several posts is to end otherwise, by its place among `platforms`.
    expects: Mapping[int, Expect] = field(default_factory=dict)
    check: Check = _nothing_more
    #: Added to the text: the sandbox network's words.
    words: str = ""
    #: Parts of the thread after the first, and a file beside the first.
    parts: int = 0
    picture: bytes = b""
    #: Whether the draft is written before the play; else the play writes it.
    drafted: bool = True
    #: A rough length, so that the longest begin first; seconds.
    takes: float = 40
    #: All its posts are of one account.
    together: bool = False
    #: It strikes everybody, so nothing else runs meanwhile.
    alone: bool = False

    @property
    def name(self) -> str:
        return f"{self.step}: {self.fault} ({', '.join(self.platforms)})"

    def expected(self, place: int) -> Expect:
        return self.expects.get(place, self.expect)


@dataclass
class Row:
    """One line of the table: one post of one case."""

    case: Case
    scene: Scene
    expect: Expect
    live: int = -1
    status: str = ""
    code: str = ""
    seconds: float = -1
    problems: list[str] = field(default_factory=list)
    #: What happened, where there are problems.
    evidence: list[str] = field(default_factory=list)
    #: Whether the suite itself broke: then nothing is known of the product.
    broken: bool = False

    @property
    def ok(self) -> bool:
        return not self.problems


def shown(target: Any) -> tuple[str, str]:
    """The status and the error code of a target as the API shows it."""
    return target["status"], (target["error"] or {}).get("code", "")


def text_for(case: Case) -> str:
    """A text that no other case has."""
    return f"{case.step} / {case.fault} no. {next(_numbers)} of {os.getpid()} {case.words}".strip()
