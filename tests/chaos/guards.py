"""The guards of the engine, each as the text that makes it up, and what must go wrong when it is taken out."""

from dataclasses import dataclass
from typing import Literal

#: How the harm shows at the platform: more live than expected, fewer, or a spent refresh token that came back; or
#: the platform is right and what we say of it is not.
Harm = Literal["doubled", "missing", "replayed", "untrue"]


@dataclass(frozen=True)
class Guard:
    """`old` stands exactly once in `path`, and `new` is the same without the guard. `cases`: patterns, several by |."""

    name: str
    path: str
    old: str
    new: str
    cases: str
    harm: Harm


GUARDS = (
    Guard(
        "The fence: `sending` is committed before the call",
        "publishing/publish.py",
        "    ledger.sending(claim, delivery, now=clock.now())\n",
        "    delivery.sent_at = delivery.resent_at = clock.now()\n",
        "accepted: kill -9 (twitter)|accepted: kill -9 (sandbox)|taken: kill -9 (twitter)",
        "doubled",
    ),
    Guard(
        "The fencing number, on every write of a worker",
        "posts/lifecycle.py",
        "filter(id=claim.target_id, attempts=claim.number, status=TargetStatus.PUBLISHING)",
        "filter(id=claim.target_id, status=TargetStatus.PUBLISHING)",
        "prepared: SIGSTOP*(twitter)|prepared: SIGSTOP*(sandbox)",
        "doubled",
    ),
    Guard(
        "The platform is asked before anything is sent again",
        "publishing/publish.py",
        "        published = _look(claim, client, account, delivery)\n",
        "        published = None\n",
        "accepted: kill -9 (twitter)|accepted: kill -9 (sandbox)|after it took it (twitter)|#sandbox-lost (sandbox)",
        "doubled",
    ),
    Guard(
        "Only the message that names a lapsed lease takes over",
        "posts/lifecycle.py",
        " OR target.status = %(publishing)s AND target.due_at = %(token)s)\n",
        " OR target.status = %(publishing)s)\n",
        "the message comes again",
        "doubled",
    ),
    Guard(
        "X is asked several times before it is surely absent",
        "publishing/publish.py",
        "        enough = ledger.absent(claim, delivery) >= client.absences\n",
        "        enough = ledger.absent(claim, delivery) >= 1\n",
        "accepted: kill -9; X shows it 33 s late*",
        "doubled",
    ),
    Guard(
        "X is asked until it would surely show it",
        "publishing/publish.py",
        "        if not enough or clock.now() < delivery.resent_at + client.absent_after:\n",
        "        if not enough:\n",
        "shows it 20 s later",
        "doubled",
    ),
    Guard(
        "What was posted before our call is not ours",
        "integrations/platforms/twitter/client.py",
        'if time_of(post["id"]) >= sent_at + ahead - SKEW and is_what_was_sent(',
        "if is_what_was_sent(",
        "posted by hand a minute before",
        "missing",
    ),
    Guard(
        "A duplicate refused at a re-send is looked up",
        "publishing/publish.py",
        '        if again and error.code == "duplicate_content":\n',
        '        if again and error.code == "":\n',
        "shows it 45 s later",
        "untrue",
    ),
    Guard(
        "A part of a thread that is live is not sent again",
        "publishing/publish.py",
        "    first = sum(delivery.state == DeliveryState.LIVE for delivery in before)",
        "    first = 0",
        "recorded, a thread: kill -9 at the second part (twitter)|recorded, a thread: kill -9*second part (sandbox)",
        "doubled",
    ),
    Guard(
        "A worker that stood still before its call looks first",
        "publishing/publish.py",
        "    if monotonic() - begun > PAUSE.total_seconds():\n",
        "    if monotonic() < begun:\n",
        "sending: SIGSTOP*(twitter)|sending: SIGSTOP*(sandbox)",
        "doubled",
    ),
    Guard(
        "A refresh is claimed by one process at a time",
        "integrations/refresh_claim.py",
        "    return claim if free.update(refresh_lease_until=claim.lease, refresh_sent=False) else None\n",
        "    return claim if _row(claim).update(refresh_lease_until=claim.lease, refresh_sent=False) else None\n",
        "two posts of one account need it at once (twitter, twitter)",
        "replayed",
    ),
    Guard(
        "The refresh's fence: a token that works once is marked as sent before it is",
        "integrations/refresh_claim.py",
        "ours.update(refresh_lease_until=sent.lease, refresh_sent=True)",
        "ours.update(refresh_lease_until=sent.lease, refresh_sent=False)",
        "refreshed: kill -9 (twitter)",
        "replayed",
    ),
    Guard(
        "What was handed out falls due again",
        "posts/lifecycle.py",
        "HAND_OFF = timedelta(seconds=30)\n",
        "HAND_OFF = timedelta(hours=1)\n",
        "the queue is deleted|handed_off: kill -9 (bluesky)",
        "missing",
    ),
    Guard(
        "What a worker holds falls due again",
        "posts/lifecycle.py",
        "LEASE = timedelta(seconds=30)\n",
        "LEASE = timedelta(hours=1)\n",
        "claimed: kill -9 (bluesky)|sending: kill -9 (sandbox)",
        "missing",
    ),
)
