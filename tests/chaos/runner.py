"""Runs the cases: those that strike one post only, many beside each other; those that strike everybody, one by one."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from .account import Account, Network
from .case import Case, Row, Scene, text_for
from .judge import play, recount
from .stack import Stack

#: Cases at a time. Most of a case is waiting for a lease to end.
BESIDE = 14

#: Longer than any call can still take when the last case has been judged (troubles.py hangs longest); seconds.
QUIET = 20

Told = Callable[[Row], None]


def run(cases: Sequence[Case], stack: Stack, networks: dict[str, Network], *, tell: Told) -> list[Row]:
    """This will play all cases, tell each row as it comes, count everything once more, and give the cases' order."""
    staged = _stage(cases, stack, networks)
    rows: list[Row] = []
    beside = sorted((pair for pair in staged if not pair[0].alone), key=lambda pair: -pair[0].takes)
    # Not a `with`: who is interrupted does not wait for the cases under way.
    pool = ThreadPoolExecutor(BESIDE, thread_name_prefix="case")
    for done in as_completed([pool.submit(play, case, scenes) for case, scenes in beside]):
        rows += _told(done.result(), tell)
    for case, scenes in staged:
        if case.alone:
            rows += _told(play(case, scenes), tell)
    # A call that some case made slow may be under way still, and its post would come now.
    time.sleep(QUIET)
    for row in rows:
        recount(row)
    order = {id(case): number for number, case in enumerate(cases)}
    return sorted(rows, key=lambda row: order[id(row.case)])


def left_over(rows: list[Row], stack: Stack) -> list[str]:
    """What is stuck: targets that are being published although all cases have ended."""
    known = {row.scene.target_id: row for row in rows}
    stuck = stack.sql("SELECT id::text, due_at FROM posts_posttarget WHERE status = 'publishing'")
    return [f"{known[str(one)].case.name if one in known else one}: still publishing, due {due}" for one, due in stuck]


def _stage(cases: Sequence[Case], stack: Stack, networks: dict[str, Network]) -> list[tuple[Case, list[Scene]]]:
    """Every post has an account of its own, unless its case says otherwise: what is live there is it, or too much.

    All drafts are written before the first case begins: some cases kill web, and a request that writes is not repeated.
    """
    with ThreadPoolExecutor(4) as pool:
        accounts = pool.map(lambda case: _accounts(case, networks), cases)
        staged = [(case, _scenes(case, stack, theirs)) for case, theirs in zip(cases, accounts, strict=True)]
        for _ in pool.map(Scene.draft, [scene for case, scenes in staged if case.drafted for scene in scenes]):
            pass
    return staged


def _scenes(case: Case, stack: Stack, accounts: list[Account]) -> list[Scene]:
    texts = [text_for(case) for _ in accounts]
    others = [frozenset(texts) - {text} if case.together else frozenset[str]() for text in texts]
    return [
        Scene(stack, *facts, parts=case.parts, picture=case.picture)
        for facts in zip(accounts, texts, others, strict=True)
    ]


def _accounts(case: Case, networks: dict[str, Network]) -> list[Account]:
    if case.together:
        return [networks[case.platforms[0]].account()] * len(case.platforms)
    return [networks[platform].account() for platform in case.platforms]


def _told(rows: list[Row], tell: Told) -> list[Row]:
    for row in rows:
        tell(row)
    return rows
