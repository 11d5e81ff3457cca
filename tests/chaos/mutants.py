"""`python -m tests.chaos.mutants`, or `make mutants`: does chaos see it when a guard is gone?

For each guard the work tree is copied, the guard is taken out of the copy, and the cases that it stands against are
run there. They must fail, and by the harm that the guard prevents, counted at the platform: a suite that breaks, or is
merely late, has caught nothing. The same cases pass on a copy from which nothing was taken.
"""

import argparse
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import table
from .guards import GUARDS, Guard
from .processes import PROJECT

#: Copies at a time, and workers in each: two cores.
BESIDE, WORKERS = 3, 5
SECONDS = 400
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".openpost", "node_modules", "__pycache__", ".*_cache")


class Rotten(Exception):
    """A guard's text is not in its file exactly once: the list must follow the engine."""


@dataclass(frozen=True)
class Verdict:
    """What the cases saw: the rows that showed the guard's harm, and whether all of it came about."""

    guard: Guard | None
    rows: Sequence[dict[str, Any]]
    seconds: float
    words: str = ""

    @property
    def harmed(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if self.guard and shows(self.guard, row)]

    @property
    def good(self) -> bool:
        if self.words or not self.rows or any(row["broken"] for row in self.rows):
            return False
        return bool(self.harmed) if self.guard else not any(row["problems"] for row in self.rows)

    def line(self) -> str:
        name = self.guard.name if self.guard else "nothing was taken out: all must pass"
        return f"{'ok' if self.good else 'FAILED':7}{self.seconds:4.0f} s  {name}: {self.said()}"

    def said(self) -> str:
        if self.words:
            return self.words
        if not self.guard:
            bad = [row for row in self.rows if row["problems"]]
            wrong = [f"{row['case']}, {row['platform']}: {', '.join(row['problems'])}" for row in bad]
            return "; ".join([f"{len(self.rows) - len(wrong)} of {len(self.rows)} posts as they must be", *wrong])
        told = [f"{row['case']}: {row['live']} live, {row['status']}" for row in self.harmed[:3]]
        count = f"{len(self.harmed)} of {len(self.rows)} posts"
        return f"{count} ({'; '.join(told)})" if told else count


def shows(guard: Guard, row: dict[str, Any]) -> bool:
    """Whether this row failed by the harm that the guard prevents."""
    match guard.harm:
        case "doubled":
            return bool(row["live"] > row["expected_live"])
        case "missing":
            return bool(row["live"] < row["expected_live"])
        case "replayed":
            return any("came back" in problem for problem in row["problems"])
        case "untrue":
            return bool(row["live"] == row["expected_live"] and row["status"] != row["expected_status"])


def take_out(guard: Guard, tree: Path) -> None:
    """This will take the guard out of the tree. Errors: Rotten."""
    path = tree / guard.path
    text = path.read_text() if path.exists() else ""
    if (count := text.count(guard.old)) != 1:
        raise Rotten(f"{guard.path} has the text of this guard {count} times, not once")
    path.write_text(text.replace(guard.old, guard.new))


def judge(guard: Guard | None, cases: str) -> Verdict:
    """This will run the cases in a copy of the work tree, without the guard."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="openpost-mutant-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(PROJECT, tree, ignore=LEFT_OUT)
        (tree / "tests/peers/node_modules").symlink_to(PROJECT / "tests/peers/node_modules")
        try:
            if guard:
                take_out(guard, tree)
            rows, words = _run(tree, cases)
        except Rotten as rotten:
            rows, words = [], str(rotten)
    return Verdict(guard, rows, time.monotonic() - begun, words)


def _run(tree: Path, cases: str) -> tuple[list[dict[str, Any]], str]:
    report = tree / "rows.json"
    command = [sys.executable, "-m", "tests.chaos", "--only", cases, "--workers", str(WORKERS), "--json", str(report)]
    try:
        done = subprocess.run(
            command, cwd=tree, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return [], f"the cases were not over after {SECONDS} s"
    if not report.exists():
        return [], f"the suite broke: {(done.stdout + done.stderr).strip()[-1500:]}"
    rows: list[dict[str, Any]] = json.loads(report.read_text())
    broken = [problem for row in rows if row["broken"] for problem in row["problems"]]
    return rows, "; ".join(broken)


def markdown(verdicts: Sequence[Verdict]) -> str:
    lines = [
        "<!-- Written by `make mutants`; do not edit. -->",
        "",
        "| taken out | file | what the platforms then showed | caught |",
        "| --- | --- | --- | --- |",
    ]
    for verdict in verdicts:
        name, path = (verdict.guard.name, f"`{verdict.guard.path}`") if verdict.guard else ("nothing", "")
        lines.append(f"| {name} | {path} | {verdict.said()} | {'ok' if verdict.good else 'FAILED'} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    options = _options()
    chosen = [guard for guard in GUARDS if fnmatch.fnmatch(guard.name.lower(), f"*{options.only.lower()}*")]
    cases = "|".join(dict.fromkeys(pattern for guard in chosen for pattern in guard.cases.split("|")))
    jobs: list[tuple[Guard | None, str]] = [(None, cases), *((guard, guard.cases) for guard in chosen)]
    table.say(f"{len(chosen)} guards are taken out of copies of {PROJECT.name}, {BESIDE} at a time …")
    verdicts = []
    with ThreadPoolExecutor(BESIDE) as pool:
        for verdict in pool.map(lambda job: judge(*job), jobs):
            table.say(verdict.line())
            verdicts.append(verdict)
    if options.markdown:
        options.markdown.write_text(markdown(verdicts))
    caught = sum(verdict.good for verdict in verdicts if verdict.guard)
    table.say(f"{caught} of {len(chosen)} caught")
    return 0 if all(verdict.good for verdict in verdicts) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.mutants", description="Chaos without each guard.")
    parser.add_argument("--only", default="", help="guards whose name has this in it")
    parser.add_argument("--markdown", type=Path, help="write the table here, such as docs/mutants.md")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    sys.exit(main())
