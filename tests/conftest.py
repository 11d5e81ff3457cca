"""A real PostgreSQL and a real Redis for the tests alone, chosen before Django reads its settings.

Every test process takes a seat: a database name and a Redis database that no other process uses, so that workers of
one run, and several runs in one checkout, do not meet. `TEST_DATABASE_URL` and `TEST_REDIS_URL` name other servers.
"""

import gc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from openpost.embedded import ensure, flocks

PROJECT = Path(__file__).resolve().parent.parent
HOME = PROJECT / ".openpost" / "test"
#: Redis has 16 databases unless told otherwise; 0 is left alone.
REDIS_DATABASES = 15
#: Nothing, where a migration has been undone that made the trigger.
LET_THE_AUDIT_LOG_BE_EMPTIED = """
    DO $$ BEGIN
        ALTER TABLE integrations_auditentry DISABLE TRIGGER audit_log_is_never_emptied;
    EXCEPTION WHEN undefined_object OR undefined_table THEN NULL;
    END $$
"""
AUDIT_LOG = "integrations_auditentry"
#: Of it PostgreSQL refuses DELETE as well.
EMPTY_THE_AUDIT_LOG = f"""
    DO $$ BEGIN
        IF EXISTS (SELECT FROM {AUDIT_LOG}) THEN TRUNCATE {AUDIT_LOG}; END IF;
    END $$
"""
#: What `migrate` writes into these it would write again.
OF_MIGRATE = ("django_content_type", "auth_permission")
#: Tests of the real processes, by the beginnings of their names, and whose stack is their own by all of it: those of
#: one beginning share a stack.
SYSTEM = (
    *(f"tests/system/test_{name}.py" for name in ("deploy", "hosts", "image", "seeing", "small_plans")),
    "tests/system/",
    "tests/browser/",
)
#: Modules whose tests take a worker many seconds: none of them must be what the others wait for at the end. None that
#: commits to the database: such tests come last, since they empty it, also of what migrations have written.
LONG = (
    *SYSTEM,
    "tests/openpost/test_devserver.py",
    "tests/openpost/test_embedded.py",
    "tests/publishing/test_admin.py",
    "tests/publishing/test_tenancy.py",
)


def take_seat() -> int:
    """This will give the lowest number that no other living test process holds; it is ours until we end."""
    folder = HOME / "seats"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = 0
    while not flocks.try_own(lock := flocks.open_lock(folder / str(number))):
        os.close(lock)
        number += 1
    return number


def named(url: str, database: str) -> str:
    """This will give the server's URL with another database."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def prepare() -> None:
    """This will say in the environment, whatever it said before, where the tests' data is."""
    database, redis = (os.environ.get(f"TEST_{name}_URL", "") for name in ("DATABASE", "REDIS"))
    seat = take_seat()
    if not (database and redis):
        services = ensure(HOME, postgres=not database, redis=not redis, durable=False)
        database, redis = database or services.database_url, redis or services.redis_url
    os.environ.update(
        DEBUG="1",
        OPENPOST_HOME=str(HOME),
        DATABASE_URL=named(database, f"openpost_{seat}"),
        REDIS_URL=named(redis, str(seat % REDIS_DATABASES + 1)),
        LOG_LEVEL="WARNING",
        API_RATE_LIMIT="0",  # but where a test is about it
        DJANGO_SETTINGS_MODULE="openpost.settings",
    )


# pytest-django loads the settings early if it finds their name, and only later if we give it here: so it is not in
# pyproject.toml.
if "DJANGO_SETTINGS_MODULE" in os.environ:
    raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: the tests choose their servers before settings load.")
prepare()
django.setup()

pytest_plugins = ["tests.people", "tests.peers.x.running"]


def pytest_configure(config: pytest.Config) -> None:
    # WhiteNoise misses the folder that collectstatic makes in production.
    config.addinivalue_line("filterwarnings", "ignore:No directory at")
    # Thousands of tests are made, and none is garbage: looking for some takes a third of the time.
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_xdist_auto_num_workers() -> int:
    """Two more processes than cores: many tests wait for a clock, or for processes of their own."""
    return (os.cpu_count() or 1) + 2


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist's is untyped here
    """Each test to whoever is free, but those of one stack of real processes to one worker, and first.

    By the folders. Marks of xdist's own (`xdist_group`) come to nothing with this pytest: it does not let an item be
    renamed any more, which is how xdist 3.8 carries a group from a worker to the scheduler.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((stack for stack in SYSTEM if nodeid.startswith(stack)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    """This will let the workers that are started from here choose for themselves, too."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """After a test that commits all tables are emptied. PostgreSQL refuses that of the audit log, but here.

    By DELETE: TRUNCATE makes a file for each table and index anew, which takes ten times as long for a few rows.
    """
    from django.db import connection
    from django.db.models.signals import post_migrate

    def let_it_be_emptied(**_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(LET_THE_AUDIT_LOG_BE_EMPTIED)

    def emptying(_style: object, tables: Sequence[str], **_: object) -> list[str]:
        others = [table for table in tables if table not in (AUDIT_LOG, *OF_MIGRATE)]
        delete = [f"DELETE FROM {connection.ops.quote_name(table)}" for table in others]  # noqa: S608 (of our models)
        return [*([EMPTY_THE_AUDIT_LOG] if AUDIT_LOG in tables else []), "; ".join(delete)]

    with django_db_blocker.unblock():
        let_it_be_emptied()
        connection.ops.sql_flush = emptying  # type: ignore[assignment, method-assign]
    # A test of migrations makes the trigger anew.
    post_migrate.connect(let_it_be_emptied, weak=False)


@pytest.fixture(scope="session", autouse=True)
def _empty_redis() -> None:
    """What an earlier run left in this seat's Redis is nothing to this one."""
    from django.conf import settings
    from redis import Redis

    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.flushdb()
