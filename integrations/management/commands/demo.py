"""`manage.py demo`: what a newcomer needs to begin with. Made once, kept from then on."""

import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.utils import timezone

from integrations.connect import create_workspace
from integrations.keys import create_key
from integrations.models import ApiKey, Membership, Mode, Role, Scope, Workspace
from integrations.models.api_key import digest

NAME = "Sandbox"
ADMIN = "admin"


class Command(BaseCommand):
    help = "Make the sandbox workspace, an admin user and an API key, once, and keep their names in a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--env-file", type=Path, required=True, help="Where OP_URL, OP_KEY, … are kept, mode 0600.")
        parser.add_argument("--url", required=True, help="The address this service answers at.")

    def handle(self, *args: Any, env_file: Path, url: str, **options: Any) -> None:
        known = read(env_file)
        now = timezone.now()
        workspace = Workspace.objects.filter(name=NAME, mode=Mode.SANDBOX).order_by("created_at").first()
        workspace = workspace or create_workspace(name=NAME, mode=Mode.SANDBOX, now=now)
        key = known.get("OP_KEY", "")
        may_all = ApiKey.objects.usable(now=now).filter(scopes__contains=Scope.values)
        if not may_all.filter(key_hash=digest(key), workspace=workspace).exists():
            _, key = create_key(workspace=workspace, name="Demo", scopes=Scope.values)
        password = admin_password(workspace, known.get("OP_ADMIN_PASSWORD", ""))
        write(env_file, {"OP_URL": url, "OP_KEY": key, "OP_ADMIN_USER": ADMIN, "OP_ADMIN_PASSWORD": password})


def admin_password(workspace: Workspace, known: str) -> str:
    """This will make sure that the admin exists and that the password handed out is the one that works."""
    users = get_user_model()
    user = users.objects.filter(username=ADMIN).first() or users.objects.create_superuser(ADMIN)
    Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": Role.OWNER})
    if known and user.check_password(known):
        return known
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    return password


def read(env_file: Path) -> dict[str, str]:
    if not env_file.exists():
        return {}
    pairs = (line.partition("=") for line in env_file.read_text().splitlines())
    return {name: value for name, separator, value in pairs if separator}


def write(env_file: Path, facts: dict[str, str]) -> None:
    """This will replace the file in one step, so that nobody ever reads half of it, nor anybody but its owner."""
    draft = env_file.with_suffix(f".{os.getpid()}.tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in facts.items())
    draft.replace(env_file)
