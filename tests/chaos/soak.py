"""The soak: many posts over many accounts, workers killed and platforms faulty at random, by a seed that repeats it.

At the end every target is counted in the platform's own records: lost (it said published, or nothing, and is not
there), doubled, stuck (the machine has not come to an end with it), and how late each was.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .account import Account, Network
from .program import Program
from .stack import Stack
from .table import say

#: Accounts of one post: it is one request, and as many targets.
TOGETHER = 5
#: What befalls calls of X's double and the Bluesky server. All of it passes: every post must be live in the end.
FAULTS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("drop", "before", {}),
    ("drop", "after", {}),
    ("answer", "after", {"status": 500, "body": "oops"}),
    ("answer", "before", {"status": 503, "body": "busy"}),
    ("answer", "before", {"status": 429, "headers": {"Retry-After": "2"}, "body": {"error": "RateLimitExceeded"}}),
    ("half", "after", {}),
    ("hang", "before", {"seconds": 4}),
    ("hang", "after", {"seconds": 4}),
)
#: The latest a post may be: it may meet two or three faults and kills, each good for 45 s. Seconds.
LATEST = 150.0
WORDS = ("#sandbox-lost", "#sandbox-down", "#sandbox-ratelimit", "#sandbox-slow", "#sandbox-down-2")


@dataclass(frozen=True)
class Size:
    """Accounts per platform, posts per account, and the seconds over which they fall due."""

    accounts: dict[str, int]
    posts: int
    seconds: int
    #: A worker is killed this often on average; seconds.
    kill_every: float = 5.0
    #: The share of targets that meet a fault.
    faulty: float = 0.15
    drain: int = 150

    @property
    def targets(self) -> int:
        return self.posts * sum(self.accounts.values())


SHORT = Size({"sandbox": 60, "twitter": 30, "bluesky": 10}, posts=6, seconds=150)
LONG = Size({"sandbox": 120, "twitter": 60, "bluesky": 20}, posts=10, seconds=480)


@dataclass
class Outcome:
    seed: int
    size: Size
    kills: int = 0
    faults: int = 0
    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        whole = len(self.late) == self.size.targets and max(self.late) <= LATEST
        return whole and not (self.lost or self.doubled or self.stuck or self.failed)

    def sentence(self) -> str:
        late = sorted(self.late) or [0.0]
        p50, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
        return (
            f"{self.size.targets} targets over {sum(self.size.accounts.values())} accounts, {self.kills} workers killed"
            f" and {self.faults} faults within {self.size.seconds} s: lost {self.lost}, doubled {self.doubled},"
            f" stuck {self.stuck}, failed {dict(self.failed) or 0}; late p50 {p50:.1f} s, p99 {p99:.1f} s,"
            f" most {late[-1]:.1f} s (SEED={self.seed})"
        )


@dataclass(frozen=True)
class Wanted:
    """One target: this text on this account, due at `due` (Unix seconds)."""

    account: Account
    text: str
    due: float


def run(stack: Stack, networks: dict[str, Network], size: Size, seed: int) -> Outcome:
    """This will run the soak on a stack whose workers are already up."""
    die, outcome = random.Random(seed), Outcome(seed, size)
    platforms = [platform for platform, count in size.accounts.items() for _ in range(count)]
    with ThreadPoolExecutor(4) as pool:
        accounts = list(pool.map(lambda platform: networks[platform].account(), platforms))
    say(f"soak: {len(accounts)} accounts are connected; writing the posts …")
    wanted = _write(stack, accounts, size, die)
    outcome.faults = _script(accounts, wanted, size, die)
    begun = time.time()
    _bring_forward(stack)
    wanted = [Wanted(one.account, one.text, one.due - FAR.total_seconds()) for one in wanted]
    with _killing(stack, die, size, outcome):
        while time.time() < begun + size.seconds + 10:
            time.sleep(10)
            say(f"soak: {time.time() - begun:4.0f} s, {_counts(stack)}, {outcome.kills} workers killed")
    _drain(stack, size)
    _count(stack, wanted, outcome)
    return outcome


#: Posts are written for this much later and then moved to now: over the API, what is due within a minute goes out
#: at once and not by the clock.
FAR = timedelta(hours=2)


def _write(stack: Stack, accounts: list[Account], size: Size, die: random.Random) -> list[Wanted]:
    """This will schedule every post, several accounts of one workspace at a time."""
    wanted: list[Wanted] = []
    base = datetime.now(UTC) + FAR
    for key in dict.fromkeys(account.key for account in accounts):
        program = Program(stack.url, key)
        theirs = [account for account in accounts if account.key == key]
        for number in range(size.posts):
            die.shuffle(theirs)
            for start in range(0, len(theirs), TOGETHER):
                together = theirs[start : start + TOGETHER]
                text = f"Soak {number}.{start} of {os.getpid()} {key[-6:]}"
                if together[0].network.platform == "sandbox" and die.random() < size.faulty:
                    text += f" {die.choice(WORDS)}"
                at = base + timedelta(seconds=die.random() * size.seconds)
                program.create(text, [account.integration_id for account in together], at=at.isoformat())
                wanted += [Wanted(account, text, at.timestamp()) for account in together]
    return wanted


def _script(accounts: list[Account], wanted: list[Wanted], size: Size, die: random.Random) -> int:
    """This will script the platforms' faults; each befalls whichever post of the account comes next."""
    count = sum(len(text.split("#")) > 1 for text in (one.text for one in wanted))
    for account in accounts:
        if account.network.platform != "sandbox":
            for _ in range(size.posts):
                if die.random() < size.faulty:
                    do, when, how = die.choice(FAULTS)
                    account.network.trouble(account, "send", do, when, **how)
                    count += 1
    return count


def _bring_forward(stack: Stack) -> None:
    stack.sql(
        "UPDATE posts_posttarget SET due_at = due_at - %s, wanted_at = wanted_at - %s"
        " WHERE status = 'pending' AND due_at > now() + %s",
        FAR, FAR, FAR / 2,
    )  # fmt: skip
    stack.sql("UPDATE posts_post SET scheduled_at = scheduled_at - %s WHERE scheduled_at > now() + %s", FAR, FAR / 2)


@contextmanager
def _killing(stack: Stack, die: random.Random, size: Size, outcome: Outcome) -> Iterator[None]:
    """This will kill a worker or the dispatcher's at random moments during the block."""
    over = threading.Event()
    names = stack.supervisor.workers()

    def kill() -> None:
        while not over.wait(die.expovariate(1 / size.kill_every)):
            pid = stack.supervisor.seats[die.choice(names)].pid
            if pid:
                os.kill(pid, signal.SIGKILL)
                outcome.kills += 1

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _counts(stack: Stack) -> str:
    rows = stack.sql(
        "SELECT t.status, count(*) FROM posts_posttarget t JOIN posts_post p ON p.id = t.post_id"
        " WHERE p.content LIKE %s GROUP BY 1 ORDER BY 1",
        "Soak %",
    )
    return ", ".join(f"{count} {status}" for status, count in rows)


def _drain(stack: Stack, size: Size) -> None:
    deadline = time.monotonic() + size.drain
    while time.monotonic() < deadline:
        counts = _counts(stack)
        if "pending" not in counts and "publishing" not in counts:
            return
        say(f"soak: draining, {counts}")
        time.sleep(5)


def _count(stack: Stack, wanted: list[Wanted], outcome: Outcome) -> None:
    """Every target against the platform's records; our own rows only tell what we claim of it."""
    ours = _claims(stack)
    accounts = {one.account.integration_id: one.account for one in wanted}
    records = {integration_id: account.records for integration_id, account in accounts.items()}
    for one in wanted:
        status, code, published = ours[one.account.integration_id, one.text]
        there = [record for record in records[one.account.integration_id] if record.text == one.text]
        if status == "failed":
            outcome.failed[code] += 1
        elif status != "published":
            outcome.stuck += 1
        if not there and status != "failed":
            outcome.lost += 1
        elif len(there) > 1:
            outcome.doubled += 1
        elif there:
            # Where the platform does not say when it took it, we do: that is no earlier.
            outcome.late.append((there[0].at or published) - one.due)


def _claims(stack: Stack) -> dict[tuple[str, str], tuple[str, str, float]]:
    """What we say of each target: status, error code, and when it was published (Unix seconds)."""
    rows = stack.sql(
        "SELECT t.integration_id::text, p.content, t.status, t.error_code,"
        " coalesce(extract(epoch FROM t.published_at), 0)::float8"
        " FROM posts_posttarget t JOIN posts_post p ON p.id = t.post_id WHERE p.content LIKE %s",
        "Soak %",
    )
    return {(str(account), str(text)): (str(s), str(code), float(str(at))) for account, text, s, code, at in rows}
