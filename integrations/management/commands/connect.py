"""`manage.py connect bluesky --identifier alice.bsky.social`: connect a real account from the shell.

Secrets come from the environment, standard input or a prompt, never from arguments: those end up in the shell's
history and in the process list.
"""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from integrations.connect import CannotConnect, connect, require_connectable
from integrations.models import Mode, Workspace
from integrations.platforms import registry
from integrations.platforms.base import Question, Rules
from integrations.platforms.connecting import Connection
from integrations.platforms.errors import PublishError
from openpost.ids import id_in


class Command(BaseCommand):
    help = "Connect an account to a live workspace. Secrets: from the environment, standard input or a prompt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        platforms = parser.add_subparsers(dest="platform", required=True, metavar="platform")
        for rules in registry.PLATFORMS.values():
            about = rules.label if rules.sign_in else f"{rules.label} (not yet)"
            self._describe(platforms.add_parser(rules.name, aliases=rules.aliases, help=about), rules)

    def _describe(self, parser: ArgumentParser, rules: Rules) -> None:
        parser.add_argument("--workspace", default="", help="name or id; made if there is no live workspace yet")
        for question in rules.questions:
            if question.secret:
                parser.epilog = f"{parser.epilog or 'Secrets are read from'} ${_variable(rules, question)},"
            else:
                parser.add_argument(f"--{question.name}", default="", help=question.prompt)
        parser.epilog = f"{parser.epilog or ''} else from standard input, one a line, else from a prompt."

    def handle(self, *args: Any, platform: str, workspace: str, **options: Any) -> None:
        rules = registry.by_name(platform)
        assert rules is not None  # noqa: S101  # argparse knows no other names
        try:
            require_connectable(rules)
        except CannotConnect as error:
            raise CommandError(str(error)) from error
        room = _workspace(workspace)
        answers = {question.name: _answer(rules, question, options) for question in rules.questions}
        now = timezone.now()
        try:
            connection: Connection = import_string(rules.sign_in.replace(":", "."))(**answers, now=now)
        except PublishError as error:
            raise CommandError(error.message) from error
        connect(workspace=room, platform=rules.name, connection=connection, now=now)
        self.stdout.write(f"{connection.username} on {rules.label} is connected to the workspace {room}.")


def _answer(rules: Rules, question: Question, options: dict[str, Any]) -> str:
    given = options.get(question.name) or os.environ.get(_variable(rules, question))
    if given:
        return str(given)
    if question.default is not None:
        return question.default
    if not sys.stdin.isatty():
        given = sys.stdin.readline().rstrip("\n")
    elif question.secret:
        given = getpass.getpass(f"{question.prompt}: ")
    else:
        given = input(f"{question.prompt}: ")
    if not given:
        raise CommandError(f"{question.name} is needed: {question.prompt}.")
    return given


def _variable(rules: Rules, question: Question) -> str:
    return f"{rules.name}_{question.name}".upper()


def _workspace(wanted: str) -> Workspace:
    """This will find the live workspace meant, or make the first one. A sandbox one reaches no real platform."""
    live = Workspace.objects.filter(mode=Mode.LIVE)
    if wanted:
        live = live.filter(Q(name=wanted) | Q(id=id_in(wanted)))
    found = list(live[:2])
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{workspace.name} ({workspace.id})" for workspace in live)
        raise CommandError(f"Several live workspaces fit; say which with --workspace: {names}.")
    if Workspace.objects.filter(Q(name=wanted) | Q(id=id_in(wanted))).exists():
        raise CommandError(f"{wanted} is a sandbox workspace: real accounts belong in a live one.")
    return Workspace.objects.create(name=wanted or "Live", mode=Mode.LIVE)
