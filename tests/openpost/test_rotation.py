"""`manage.py rotate_credentials_key` beside a service that runs: real processes, real refreshes, a kill half-way."""

import io
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from integrations import refresh_claim
from integrations.models import Integration, SecondFactor, SignIn, WebhookEndpoint, Workspace
from integrations.platforms.connecting import Tokens
from openpost import rotation
from openpost.models import KeptAnswer
from tests import builders
from tests.peers.x.process import PROJECT

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = (f"{version}:{Fernet.generate_key().decode()}" for version in ("1", "2"))
#: More than one batch has.
MANY = rotation.BATCH * 4


@pytest.fixture(autouse=True)
def _one_key(settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [OLD]


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace("live")


def accounts(workspace: Workspace, count: int) -> list[Integration]:
    now = timezone.now()
    return Integration.objects.bulk_create(
        Integration(
            workspace=workspace,
            platform="twitter",
            remote_id=str(number),
            username=f"somebody{number}",
            credentials={"access_token": f"token {number}"},
            connected_at=now,
        )
        for number in range(count)
    )


def under(version: str) -> int:
    """How many accounts' credentials are under this key, as PostgreSQL has them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM integrations_integration WHERE credentials LIKE %s || '$%%'", [version])
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def rotate(**options: Any) -> str:
    said = io.StringIO()
    call_command("rotate_credentials_key", stdout=said, **options)
    return said.getvalue()


def rotating() -> subprocess.Popen[str]:
    """The command in a process of its own, whose newest key is the new one."""
    environ = builders.environment() | {"CREDENTIAL_KEYS": f"{NEW},{OLD}"}
    command = [sys.executable, "manage.py", "rotate_credentials_key"]
    return subprocess.Popen(command, cwd=PROJECT, env=environ, stdout=subprocess.PIPE, text=True)


def test_it_moves_all_that_is_encrypted_and_says_which_key_can_go(workspace: Workspace, settings: Settings) -> None:
    person, now = User.objects.create_user("ada"), timezone.now()
    builders.integration(workspace, credentials={"access_token": "secret"})
    WebhookEndpoint.objects.create(workspace=workspace, url="https://example.com", secrets=["secret"])
    SecondFactor.objects.create(user=person, seed="secret")
    SignIn.objects.create(
        workspace=workspace,
        platform="twitter",
        state_hash="0" * 64,
        verifier="secret",
        redirect_uri="",
        user=person,
        created_at=now,
        expires_at=now + timedelta(minutes=10),
    )
    KeptAnswer.objects.create(tenant_id=workspace.id, key="k", fingerprint="f", status=201, body="secret")
    before = {str(column): dict(rotation.versions(column)) for column in rotation.columns()}
    settings.CREDENTIAL_KEYS = [NEW, OLD]

    dry = rotate(dry_run=True)
    unchanged = {str(column): dict(rotation.versions(column)) for column in rotation.columns()}
    said = rotate()

    assert before == {name: {"1": 1} for name in before}, "each encrypted column has a value in this test"
    assert before == unchanged, "a dry run changes nothing"
    assert "5 values are under key version 1." in dry
    assert "No value is under key version 1: it can be taken away." in said
    assert all(rotation.versions(column) == {"2": 1} for column in rotation.columns())
    settings.CREDENTIAL_KEYS = [NEW]
    assert SecondFactor.objects.get().seed == WebhookEndpoint.objects.get().secrets[0] == SignIn.objects.get().verifier


def test_it_never_overwrites_a_token_that_is_refreshed_meanwhile(workspace: Workspace, settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [OLD, NEW]  # as processes have it that were not restarted yet
    rows, stop = accounts(workspace, MANY), Event()

    def refresh(mine: list[Integration]) -> dict[Any, str]:
        """A worker that renews one account's tokens after the other: the last of each, as the platform knows them."""
        last: dict[Any, str] = {}
        while not (last and stop.is_set()):
            row, now = random.choice(mine), timezone.now()
            claim = refresh_claim.take(row, now=now)
            assert claim, "nobody else refreshes this worker's accounts"
            fenced = refresh_claim.fence(claim, now=now)
            assert fenced
            token = f"renewed {random.random()}"
            assert refresh_claim.store(fenced, Tokens({"access_token": token}, None), now=now)
            last[row.id] = token
        connection.close()
        return last

    with ThreadPoolExecutor(2) as pool:
        workers = [pool.submit(refresh, rows[half::2]) for half in range(2)]
        program = rotating()
        said, _ = program.communicate(timeout=60)
        stop.set()
        renewed = {row_id: token for worker in workers for row_id, token in worker.result().items()}

    assert program.returncode == 0, said
    kept = {row.id: row.credentials["access_token"] for row in Integration.objects.all()}
    assert kept == {row.id: renewed.get(row.id, row.credentials["access_token"]) for row in rows}
    assert renewed
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    assert "it can be taken away" in rotate()
    assert under("2") == MANY
    assert {row.id: row.credentials["access_token"] for row in Integration.objects.all()} == kept


def test_it_goes_on_after_a_kill_where_it_was(workspace: Workspace, settings: Settings) -> None:
    rows = accounts(workspace, MANY)
    with transaction.atomic():
        # So it has not ended when it is killed: it comes back to the row that somebody holds.
        Integration.objects.select_for_update().get(id=rows[0].id)
        program = rotating()
        assert program.stdout
        seen = next(line for line in program.stdout if f"of {MANY} done" in line)
        program.kill()
        program.communicate()

    assert f"{rotation.BATCH - 1} of {MANY}" in seen or f"{rotation.BATCH} of {MANY}" in seen
    done = under("2")
    assert rotation.BATCH - 1 <= done < MANY
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    said = rotate()
    assert f"{MANY - done} of {MANY - done} done" in said
    assert under("2") == MANY


def test_it_waits_for_nobody_and_says_what_is_left(workspace: Workspace, settings: Settings) -> None:
    rows = accounts(workspace, 3)
    with transaction.atomic():
        Integration.objects.select_for_update().get(id=rows[0].id)
        program = rotating()
        said, _ = program.communicate(timeout=30)

    assert program.returncode == 0
    assert "1 values are under key version 1." in said
    assert "taken away" not in said


def test_it_names_what_no_key_opens_and_leaves_it_alone(workspace: Workspace, settings: Settings) -> None:
    accounts(workspace, 2)
    settings.CREDENTIAL_KEYS = [NEW]

    with pytest.raises(CommandError, match="2 values have no key"):
        rotate()
    assert under("1") == 2
