"""What a host that is cut off held in PostgreSQL is free again soon (tests/system/test_hosts.py has whole hosts)."""

import time

import psycopg
import pytest
from django.db import connection

from openpost import cut_off
from tests import builders

from .test_api_start import start

SHOW = """
from django.db import connection
with connection.cursor() as cursor:
    for name in ("idle_in_transaction_session_timeout", "tcp_keepalives_idle"):
        cursor.execute(f"SHOW {name}")
        print(cursor.fetchone()[0])
"""
BEGINS = """
import django
django.setup()
from celery.signals import beat_init, worker_init
import openpost.celery
{}.send(sender=None)
"""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("program", "waits"),
    [
        ("import openpost.wsgi", ["30s", "15"]),
        (BEGINS.format("worker_init"), ["30s", "15"]),
        (BEGINS.format("beat_init"), ["30s", "15"]),
    ],
    ids=["web", "worker", "beat"],
)
def test_the_processes_of_a_host_have_postgresql_ask_whether_they_are_there(program: str, waits: list[str]) -> None:
    done = start(program + SHOW, builders.environment())

    assert done.stdout.split() == waits, done.stderr


@pytest.mark.django_db
def test_commands_are_left_alone() -> None:
    done = start("import django; django.setup()" + SHOW, builders.environment())

    assert done.stdout.split()[0] == "0", done.stderr


@pytest.mark.django_db(transaction=True)
def test_what_was_locked_is_free_when_nothing_more_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    target = builders.due(builders.workspace())
    monkeypatch.setattr(cut_off, "_VALUES", ["1s" if value == "30s" else value for value in cut_off._VALUES])
    connection.close()
    connection.ensure_connection()
    cut_off._let_go(connection)
    begun = time.monotonic()
    with psycopg.connect(builders.environment()["DATABASE_URL"]) as another:
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM posts_post WHERE id = %s FOR UPDATE", [target.post_id])

        another.execute("SELECT 1 FROM posts_post WHERE id = %s FOR UPDATE", [target.post_id])

    assert 0.5 < time.monotonic() - begun < 10
    connection.close()
