"""`manage.py remove_second_factor NAME`: for somebody who has lost both their device and their recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from integrations.people import second_factor


class Command(BaseCommand):
    help = "Remove somebody's second factor, once you are sure that it is they who ask."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name they sign in with")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"Nobody is called {name} here.")
        if not second_factor.is_on(user):
            raise CommandError(f"{name} has no second factor.")
        second_factor.remove(user)
        self.stdout.write(f"{name} signs in with the password alone from now on.")
