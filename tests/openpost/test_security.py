"""What keeps the service safe before any of its own code runs: settings, headers, cookies, hosts, limits of time."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from openpost.web import statements
from tests import builders

from .test_api_start import PRODUCTION, PROJECT, start, stopped

ASK = """
import json, sys
import openpost.wsgi
from django.test import Client
host = "openpost.example.com"
def said(answer):
    return {"status": answer.status_code, "to": answer.headers.get("Location", ""), **dict(answer.headers)}
print(json.dumps({
    "here": said(Client().get("/healthz", secure=True, headers={"Host": host})),
    "unsafe": said(Client().get("/docs", headers={"Host": host})),
    "elsewhere": said(Client().get("/healthz", secure=True, headers={"Host": "evil.example.net"})),
}))
"""
SHOW = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SHOW statement_timeout")
    print(cursor.fetchone()[0])
"""


def test_djangos_own_check_of_a_deployment_finds_nothing() -> None:
    environment = PRODUCTION | {"MEDIA_ROOT_IS_SHARED": "1", "OPENPOST_URL": "https://openpost.example.com"}
    done = start(
        "import sys; from django.core.management import execute_from_command_line as run;"
        "run(['manage.py', 'check', '--deploy', '--fail-level', 'DEBUG'])",
        environment,
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("page", ["security", "data", "operations"])
def test_every_file_that_the_pages_name_is_there(page: str) -> None:
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)+)`", (PROJECT / "docs" / f"{page}.md").read_text())

    assert named
    assert [path for path in named if not (PROJECT / path).exists()] == []


@pytest.mark.parametrize("key", ["changeme", "k" * 64, "django-insecure-" + PRODUCTION["SECRET_KEY"], "x" * 49])
def test_it_does_not_start_in_production_with_a_key_that_can_be_guessed(key: str) -> None:
    line = stopped(PRODUCTION | {"SECRET_KEY": key})

    assert "SECRET_KEY must have 50 characters" in line
    assert key not in line


def test_production_speaks_https_to_its_own_hosts_alone() -> None:
    done = start(ASK, PRODUCTION)

    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["here"]["status"] == 200
    assert said["here"]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert (said["unsafe"]["status"], said["unsafe"]["to"]) == (301, "https://openpost.example.com/docs")
    assert said["elsewhere"]["status"] == 400


def test_productions_cookies_belong_to_one_host_and_to_https() -> None:
    names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"]
    names += [f"{one}_COOKIE_{what}" for one in ("SESSION", "CSRF") for what in ("SECURE", "HTTPONLY", "SAMESITE")]
    done = start(f"from django.conf import settings; print([getattr(settings, name) for name in {names}])", PRODUCTION)

    assert done.stdout.strip() == str(["__Host-sessionid", "__Host-csrftoken", True, True, "Lax", True, True, "Lax"])


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/admin/login/", "/docs", "/v1/posts", "/x"])
def test_every_answer_has_the_headers(path: str) -> None:
    headers = Client().get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'unsafe-inline'" not in policy


def test_a_static_file_is_what_it_says_it_is() -> None:
    headers = Client().get("/static/openpost/icon.svg").headers

    assert (headers["X-Content-Type-Options"], headers["Content-Type"]) == ("nosniff", "image/svg+xml")


@pytest.mark.django_db(transaction=True)
def test_a_page_waits_for_no_statement_longer_than_it_may(settings: Settings) -> None:
    settings.WEB_STATEMENT_SECONDS = 1
    connection.ensure_connection()
    statements._bound(connection)
    try:
        with connection.cursor() as cursor, pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("SELECT pg_sleep(20)")
    finally:
        connection.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("program", "bound"), [("import openpost.wsgi", "30s"), ("import django; django.setup()", "0")]
)
def test_web_has_that_bound_and_commands_have_none(program: str, bound: str) -> None:
    environ = {**builders.environment(), "DJANGO_SETTINGS_MODULE": "openpost.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program + SHOW], cwd=PROJECT, env=environ, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == bound
