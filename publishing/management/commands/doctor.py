"""`manage.py doctor`: looks at everything this service needs, and says what to do about what is not well."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from publishing.doctor.examination import examine
from publishing.health.finding import Finding, State

#: What scripts go by: something does not work; something may soon not, or not as well as it could.
EXIT = {State.BAD: 1, State.WARNING: 2}


class Command(BaseCommand):
    help = "Look at everything this service needs. Exit codes: 0 all is well, 1 something is not, 2 warnings only."
    # It tells what is wrong, instead of stopping at it.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--offline", action="store_true", help="ask nobody but PostgreSQL and Redis")
        parser.add_argument("--json", action="store_true", help="one list of findings, for programs")

    def handle(self, *, offline: bool, **options: Any) -> None:
        found = []
        for finding in examine(offline=offline):
            found.append(finding)
            if not options["json"]:
                self._say(finding)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in found], indent=2))
        else:
            self._sum_up(found)
        states = {finding.state for finding in found}
        if code := next((EXIT[state] for state in EXIT if state in states), 0):
            raise SystemExit(code)

    def _say(self, finding: Finding) -> None:
        word = _WORDS[finding.state]
        paint = {State.OK: self.style.SUCCESS, State.WARNING: self.style.WARNING, State.BAD: self.style.ERROR}
        self.stdout.write(f"{paint[finding.state](f'{word:<8}')} {finding.name}: {finding.what}")
        if finding.do:
            self.stdout.write(f"{'':<8} → {finding.do}")

    def _sum_up(self, found: list[Finding]) -> None:
        number = {state: sum(finding.state == state for finding in found) for state in State}
        self.stdout.write(
            f"Well: {number[State.OK]}. Warnings: {number[State.WARNING]}. Not well: {number[State.BAD]}."
        )


_WORDS = {State.OK: "ok", State.WARNING: "warning", State.BAD: "not well"}
