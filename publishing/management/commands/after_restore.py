from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from integrations import refresh_claim
from openpost import clock
from posts.telling import moment
from publishing import pulse, restored, turned_back


class Command(BaseCommand):
    help = (
        "Run this once after restoring a backup, before anything of the service is started: what may have been sent "
        "since the backup was made is not sent again, but left to people to resolve. It may be ended and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stopped-at", help="When the service last ran, such as 2026-11-25T14:00Z (now).")
        parser.add_argument(
            "--ahead", action="store_true", help="Also posts whose time is still to come: somebody may have hurried."
        )
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be left to people.")

    def handle(self, *, stopped_at: str | None, ahead: bool, dry_run: bool, **options: Any) -> None:
        now = clock.now()
        if tick := pulse.last():
            self.stdout.write(f"The restored data knows nothing of what happened after {moment(tick)}.")
        targets = restored.suspects(stopped_at=_time(stopped_at) if stopped_at else now, ahead=ahead)
        if dry_run:
            self.stdout.write(f"Would be left to people: {targets.count()}.")
            return
        # First: what is refreshed with a token that is spent ends the account's access.
        self.stdout.write(
            f"Tokens that work once, and are used as long as they last: {refresh_claim.doubt_all(now=now)}."
        )
        count = 0
        for target in restored.suspect(targets, now=now):
            count += 1
            self.stdout.write(f"{target.integration}  post {target.post_id}")
        turned_back.watch.forget()
        self.stdout.write(f"Left to people: {count}. Now the service may start.")


def _time(said: str) -> datetime:
    try:
        time = parse_datetime(said)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise CommandError("--stopped-at wants a time with its offset, such as 2026-11-25T14:00:00Z.")
    return time
