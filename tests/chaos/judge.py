"""What became of a case's posts: waited for over the API, counted at the platform."""

import time

from .case import OVERTIME, POLL_SECONDS, Case, Expect, Row, Scene

FINAL = ("published", "failed")


def play(case: Case, scenes: list[Scene]) -> list[Row]:
    """This will run one case and judge each of its posts. It raises nothing: what breaks the suite is told as such."""
    rows = [Row(case, scene) for scene in scenes]
    try:
        if case.drafted:
            for scene in scenes:
                scene.draft()
        fault_at = case.play(scenes)
    except Exception as error:  # noqa: BLE001  # a case that breaks must not take the others with it
        for row in rows:
            row.broken = True
            row.problems.append(f"the case did not come about: {type(error).__name__}: {error}")
            _look_at(row)
        return rows
    for row in rows:
        _judge(row, fault_at)
    return rows


def recount(row: Row) -> None:
    """This will look at the platform once more, long after: a late worker's second post would be there by now."""
    live = len(row.scene.account.records)
    if live != row.live:
        row.problems.append(f"{live} live in the end, {row.live} when the case ended")
        row.live = live


def _judge(row: Row, fault_at: float) -> None:
    expect = row.case.expected(row.scene.platform)
    settled = _settle(row, expect, until=fault_at + expect.within + OVERTIME)
    row.seconds = max(time.time() - fault_at, 0)
    _look_at(row)
    if not settled:
        row.problems.append(f"{row.status or 'nothing'} {row.code} after {row.seconds:.0f} s")
    elif row.seconds > expect.within:
        row.problems.append(f"took {row.seconds:.0f} s, more than {expect.within:.0f}")
    if (row.status, row.code) != (expect.status, expect.code):
        row.problems.append(f"{expect.status} {expect.code}".strip() + " expected")
    if row.live != expect.live:
        row.problems.append(f"{expect.live} live expected")
    records = row.scene.account.records
    if any(record.text != row.scene.text for record in records):
        row.problems.append(f"another text is live: {[record.text for record in records]}")
    row.problems += row.case.check(row.scene)


def _settle(row: Row, expect: Expect, *, until: float) -> bool:
    """Wait until the target is final, or waits for the reason it must wait for."""
    while True:
        target = row.scene.target()
        code = (target["error"] or {}).get("code", "")
        if target["status"] in FINAL or (target["status"], code) == (expect.status, expect.code):
            return True
        if time.time() > until:
            return False
        time.sleep(POLL_SECONDS)


def _look_at(row: Row) -> None:
    """Take down what the API says and what the platform has."""
    try:
        target = row.scene.target() if row.scene.target_id else {"status": "", "error": None}
        row.status, row.code = target["status"], (target["error"] or {}).get("code", "")
        row.live = len(row.scene.account.records)
    except Exception as error:  # noqa: BLE001  # it is said, and the row has failed
        row.broken = True
        row.problems.append(f"could not be looked at: {type(error).__name__}: {error}")
