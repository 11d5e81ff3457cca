"""What became of a case's posts: waited for over the API, counted at the platform."""

import time

from .case import OVERTIME, POLL_SECONDS, Case, Expect, Row, Scene, Wrong, shown

FINAL = ("published", "failed")


def play(case: Case, scenes: list[Scene]) -> list[Row]:
    """This will run one case and judge each of its posts. It raises nothing: what breaks the suite is told as such."""
    rows = [Row(case, scene, case.expected(place)) for place, scene in enumerate(scenes)]
    try:
        fault_at = case.play(scenes)
    except Wrong as wrong:
        return [_given_up(row, str(wrong), broken=False) for row in rows]
    except Exception as error:  # noqa: BLE001  # a case that breaks must not take the others with it
        why = f"the case did not come about: {type(error).__name__}: {error}"
        return [_given_up(row, why, broken=True) for row in rows]
    for row in rows:
        _judge(row, fault_at)
    return rows


def recount(row: Row) -> None:
    """This will look at the platform once more, long after: a late worker's second post would be there by now."""
    live = row.scene.live()
    if live != row.live:
        row.problems.append(f"{live} live in the end, {row.live} when the case ended")
        row.live = live


def _given_up(row: Row, why: str, *, broken: bool) -> Row:
    row.broken = broken
    row.problems.append(why)
    _look_at(row)
    if row.scene.target_id:
        row.evidence = _evidence(row.scene, time.time())
    return row


def _judge(row: Row, fault_at: float) -> None:
    expect = row.expect
    settled = _settle(row, expect, until=fault_at + expect.within + OVERTIME)
    row.seconds = max((row.scene.reached_at or time.time()) - fault_at, 0)
    _look_at(row)
    if not settled:
        row.problems.append(f"{row.status or 'nothing'} {row.code} after {row.seconds:.0f} s")
    elif row.seconds > expect.within:
        row.problems.append(f"took {row.seconds:.0f} s, more than {expect.within:.0f}")
    if (row.status, row.code) != (expect.status, expect.code):
        row.problems.append(f"{expect.status} {expect.code}".strip() + " expected")
    if row.live != expect.live:
        row.problems.append(f"{expect.live} live expected")
    row.problems += row.case.check(row.scene)
    if row.problems:
        row.evidence = _evidence(row.scene, fault_at)


def _evidence(scene: Scene, fault_at: float) -> list[str]:
    """How we see it, to find the reason by: the ledger's attempts, seconds from the fault. It decides nothing."""
    attempts = scene.stack.sql(
        "SELECT number, outcome, code, worker, extract(epoch FROM started_at - to_timestamp(%s))::int,"
        " extract(epoch FROM ended_at - to_timestamp(%s))::int"
        " FROM publishing_attempt WHERE target_id = %s ORDER BY id",
        fault_at,
        fault_at,
        scene.target_id,
    )
    return [
        f"attempt {number} by {worker or '-'}: {outcome} {code}, {begun} to {ended} s"
        for number, outcome, code, worker, begun, ended in attempts
    ]


def _settle(row: Row, expect: Expect, *, until: float) -> bool:
    """Wait until the target is final, or waits for the reason it must wait for."""
    while True:
        found = shown(row.scene.target())
        if found[0] in FINAL or found == (expect.status, expect.code):
            return True
        if time.time() > until:
            return False
        time.sleep(POLL_SECONDS)


def _look_at(row: Row) -> None:
    """Take down what the API says and what the platform has."""
    try:
        if row.scene.target_id:
            row.status, row.code = shown(row.scene.target())
        row.live = row.scene.live()
    except Exception as error:  # noqa: BLE001  # it is said, and the row has failed
        row.broken = True
        row.problems.append(f"could not be looked at: {type(error).__name__}: {error}")
