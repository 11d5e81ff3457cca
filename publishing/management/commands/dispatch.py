from typing import Any

from django.core.management.base import BaseCommand, CommandError

from openpost import clock
from posts import hints
from publishing import overdue


class Command(BaseCommand):
    help = "Do one tick by hand: hand what is due to the workers."

    def handle(self, **options: Any) -> None:
        # Whoever hands out to nobody only makes it wait for the end of the hand-off.
        if not overdue.workers():
            raise CommandError(f"{overdue.NO_WORKER} `manage.py recover` finishes here what workers left behind.")
        number = hints.hand_out(now=clock.now())
        self.stdout.write(f"Handed to the workers: {number}.")
