from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from posts.media import sweeping


class Command(BaseCommand):
    help = (
        "Removes files that no row speaks of and that are a day old. Run it daily, on each machine that takes uploads."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Files removed: {sweeping.sweep(now=timezone.now())}.")
