from typing import Any

from django.core.management.base import BaseCommand

from openpost import clock
from posts import hints


class Command(BaseCommand):
    help = "Do one tick by hand: hand what is due to the workers."

    def handle(self, **options: Any) -> None:
        number = hints.hand_out(now=clock.now())
        self.stdout.write(f"Handed to the workers: {number}.")
