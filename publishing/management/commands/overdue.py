from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from openpost import clock
from posts.telling import moment
from publishing import overdue


class Command(BaseCommand):
    help = "List what should have gone out by now and has not, the latest first, and say why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--minutes", type=float, default=1, help="how late is late (1)")
        parser.add_argument("--most", type=int, default=100, help="how many are listed (100)")

    def handle(self, *, minutes: float, most: int, **options: Any) -> None:
        now = clock.now()
        late = overdue.targets(now=now, by=timedelta(minutes=minutes))
        count = late.count()
        for target, why in overdue.reasons(late[:most], now=now):
            since = moment(target.wanted_at) if target.wanted_at else ""
            self.stdout.write(f"{since}  {target.integration}  post {target.post_id}\n    {why}")
        listed = f" (the first {most} are listed)" if count > most else ""
        self.stdout.write(f"Overdue: {count}{listed}.")
        for sentence in overdue.the_machine(count):
            self.stdout.write(sentence)
