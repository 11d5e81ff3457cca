"""How far a post has got, as its page shows it while it happens: per account a state, why, and what comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from integrations.models import IntegrationStatus
from integrations.platforms.codes import NEED_A_PERSON, Side
from openpost.admin import Tone
from posts.models import Post, PostStatus, PostTarget, TargetStatus
from posts.status import EDITABLE
from posts.waiting import Present, Reason, is_unknown, reason

#: Seconds until the page asks again: while something is being sent, shortly before, and while all only wait.
AT_ONCE, SOON, LATER = 1, 5, 10
_CLOSE, _NEAR = timedelta(seconds=5), timedelta(minutes=1)


class State(NamedTuple):
    """Where a target stands, in a word; `icon` is the name of a Material Symbol."""

    word: str
    tone: Tone
    icon: str


@dataclass(frozen=True, slots=True)
class Line:
    """One account. `at` is the machine's next moment, which `awaits` names; None when it has nothing to do."""

    target: PostTarget
    state: State
    why: Reason | None
    awaits: str
    at: datetime | None
    advice: str

    @property
    def reconnect(self) -> bool:
        """Whether it stands until somebody signs in to the account."""
        lost = self.target.integration.status != IntegrationStatus.ACTIVE
        return self.target.status == TargetStatus.FAILED and lost

    @property
    def settled(self) -> bool:
        return self.target.due_at is None


def lines(post: Post, targets: Iterable[PostTarget], present: Present) -> list[Line]:
    """This will give a line per target. Needs each target's `integration` with its workspace at hand."""
    return [_line(post, target, present) for target in targets]


def pace(told: Sequence[Line], *, now: datetime) -> int | None:
    """This will give the seconds until a page of these asks again; None when everything is settled."""
    moments = [now if _in_hand(line.target, now) else line.at or now for line in told if not line.settled]
    if not moments:
        return None
    ahead = min(moments) - now
    return AT_ONCE if ahead <= _CLOSE else SOON if ahead <= _NEAR else LATER


def verbs(post: Post, told: Sequence[Line]) -> list[str]:
    """What makes sense for a post that cannot be written any more; the verb decides, in any case."""
    failed = [line.target for line in told if line.target.status == TargetStatus.FAILED]
    again = "ask_again" if all(is_unknown(target) for target in failed) else "retry"
    return [
        *([again] if post.status == PostStatus.FAILED else []),
        *(["duplicate"] if post.status not in EDITABLE else []),
    ]


def _line(post: Post, target: PostTarget, present: Present) -> Line:
    why = reason(target, present)
    in_hand = _in_hand(target, present.now)
    at = None if in_hand else (why and why.next_attempt_at) or target.due_at
    return Line(
        target=target,
        state=_state(post, target, why, in_hand=in_hand, now=present.now),
        why=why,
        awaits=_awaits(target, why) if at else "",
        at=at,
        advice=_advice(target, why),
    )


def _in_hand(target: PostTarget, now: datetime) -> bool:
    """Whether a worker has it, or is about to."""
    return target.in_hand and target.due_at is not None and target.due_at > now


def _state(post: Post, target: PostTarget, why: Reason | None, *, in_hand: bool, now: datetime) -> State:
    if target.status == TargetStatus.PUBLISHED:
        return State(_("Live"), "good", "check_circle")
    if is_unknown(target):
        return State(_("Nobody knows"), "bad", "help")
    if target.status == TargetStatus.FAILED:
        return State(_("Failed"), "bad", "error")
    if post.status == PostStatus.DRAFT:
        return State(_("Draft"), "quiet", "edit_note")
    if target.in_doubt:
        return State(_("Asking whether it is live"), "busy", "search")
    if in_hand:
        return State(_("Being sent"), "busy", "sync")
    if why is not None:
        return State(_("Waits for the next try"), "waiting", "hourglass_top")
    if target.due_at is not None and target.due_at <= now:
        return State(_("About to be sent"), "busy", "hourglass_top")
    return State(_("Scheduled"), "waiting", "schedule")


def _awaits(target: PostTarget, why: Reason | None) -> str:
    if target.in_doubt:
        return _("Next look")
    return _("Next try") if why else _("Goes out")


def _advice(target: PostTarget, why: Reason | None) -> str:
    """What a person can do about it; "" where the machine goes on by itself."""
    if why is None or target.due_at is not None:
        return ""
    if is_unknown(target):
        return _("Open the account there, look whether the post is there, and say here what you found.")
    if target.integration.status != IntegrationStatus.ACTIVE:
        return _("Reconnect the account; then retry.")
    if why.code not in NEED_A_PERSON:
        return _("Retry: it may go out now.")
    if why.side == Side.OURS:
        return _("Once whoever runs this service has put that right, retry.")
    return _("Duplicate the post, change what is wrong in the copy, and publish that.")
