"""`manage.py doctor` on a set-up that is well, and on broken ones: each is told in the right line."""

import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from redis import Redis

from integrations import sign_in, tokens
from integrations.models import Integration
from integrations.platforms import registry
from integrations.platforms.twitter.rules import X
from openpost.celery import app
from openpost.embedded import ensure, release
from posts.models import PostTarget
from publishing import pulse, workers
from publishing.doctor import addresses, mail, servers
from publishing.health import service
from publishing.models import Pulse, Worker
from publishing.tasks import DISPATCH_TASK
from tests import builders
from tests.openpost.web import Behaviour, Web, answer, certificate
from tests.peers.x.process import XPeer
from tests.publishing.alerts.server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://openpost.example"


def examined(*, offline: bool = True) -> tuple[dict[str, dict[str, str]], int]:
    """The findings by their names, and the exit code."""
    out, code = StringIO(), 0
    try:
        call_command("doctor", offline=offline, json=True, stdout=out)
    except SystemExit as ended:
        code = int(str(ended.code))
    return {finding["name"]: finding for finding in json.loads(out.getvalue())}, code


def wrong() -> list[str]:
    """The names of what is not well; each says what to do, and the command fails if there is any."""
    found, code = examined()
    names = [name for name, finding in found.items() if finding["state"] == "bad"]
    assert all(found[name]["do"] for name in names)
    assert (code == 1) == bool(names)
    return names


@pytest.fixture(autouse=True)
def production(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A set-up in production in which all is well, and nobody is in a hurry."""
    monkeypatch.setattr(service, "WITHIN", 20.0)
    with MailServer() as post_office:
        settings.DEBUG = False
        settings.OPENPOST_URL, settings.ALLOWED_HOSTS = URL, ["openpost.example"]
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
        settings.SECURE_HSTS_SECONDS = 3600
        settings.X_CLIENT_ID, settings.X_CLIENT_SECRET = "an app", "its secret"
        settings.MAIL_IS_SET_UP, settings.OPERATORS = True, ["ops@example.com"]
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post_office.port
        settings.MEDIA_ROOT, settings.MEDIA_ROOT_IS_SHARED = tmp_path, True
        every, _ = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
        PeriodicTask.objects.get_or_create(name="Tick", task=DISPATCH_TASK, interval=every)
        now = timezone.now()
        said = {"queues": list(app.conf.task_queues), "threads": 8, "started_at": now, "seen_at": now}
        Worker.objects.create(name="celery@here:1", **said)
        for name in (pulse.BEAT, pulse.TICK):
            pulse.beat(now=now, name=name)
        yield


def live_account(**columns: Any) -> Integration:
    room = builders.workspace("live", "Ours")
    builders.member(room, "owner", email="ann@example.com")
    credentials = {"access_token": "token", "refresh_token": "another", "scope": ""}
    return builders.integration(room, **{"credentials": credentials, **columns})


def test_all_is_well() -> None:
    live_account()
    found, code = examined()
    assert code == 0, [finding for finding in found.values() if finding["state"] != "ok"]
    assert f"{URL}/integrations/x/callback" in found["redirect_uri_twitter"]["what"]


# Broken set-ups ------------------------------------------------------------------------------------------------------


def test_a_wrong_encryption_key(settings: Any) -> None:
    account = live_account()
    settings.CREDENTIAL_KEYS = [f"2:{Fernet.generate_key().decode()}"]
    found, _ = examined()
    assert found["encryption"]["what"] == "No key opens 1 of integrations.Integration.credentials."
    assert wrong() == ["encryption", f"account_{account.id}"]


def test_redis_is_down(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert wrong() == ["redis"]


def test_a_migration_is_missing() -> None:
    applied = MigrationRecorder(connection).migration_qs.filter(app="publishing")
    name = applied.order_by("-name").values_list("name", flat=True)[0]
    applied.filter(name=name).delete()
    try:
        assert wrong() == ["migrations"]
    finally:
        MigrationRecorder(connection).record_applied("publishing", name)


def test_beat_is_dead() -> None:
    Pulse.objects.update(at=timezone.now() - pulse.FRESH)
    assert wrong() == ["beat"]


def test_the_worker_is_dead() -> None:
    Worker.objects.update(seen_at=timezone.now() - workers.FRESH)
    assert wrong() == ["workers"]


def test_posts_are_overdue() -> None:
    late = builders.due(builders.workspace())
    PostTarget.objects.filter(id=late.id).update(wanted_at=timezone.now() - timedelta(hours=1))
    assert wrong() == ["overdue"]


def test_the_public_address_is_http(settings: Any) -> None:
    settings.OPENPOST_URL = "http://openpost.example"
    assert wrong() == ["public_url", "redirect_uri_twitter"]


def test_the_host_is_not_allowed(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["another.example"]
    assert wrong() == ["allowed_hosts", "redirect_uri_twitter"]


def test_the_redirect_uri_is_wrong(settings: Any) -> None:
    settings.OPENPOST_URL = f"{URL}/posting"
    assert wrong() == ["public_url", "redirect_uri_twitter"]


def test_the_address_has_changed_since_the_last_sign_in(settings: Any) -> None:
    room = builders.workspace("live")
    sign_in.begin(workspace=room, rules=registry.PLATFORMS["twitter"], now=timezone.now(), user=builders.member(room))
    settings.OPENPOST_URL, settings.ALLOWED_HOSTS = "https://new.example", ["new.example"]
    found, code = examined()
    assert f"{URL}/integrations/x/callback" in found["redirect_uri_twitter_changed"]["what"]
    assert code == 2


def test_no_file_can_be_kept(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    settings.MEDIA_ROOT = tmp_path / "a file"
    assert wrong() == ["storage"]


def test_a_token_was_revoked() -> None:
    account = live_account()
    tokens.disconnect(account, reason="X says that our access was taken away.")
    assert wrong() == [f"account_{account.id}"]


def test_an_account_has_not_allowed_all_we_need() -> None:
    credentials = {"access_token": "token", "refresh_token": "another", "scope": "tweet.read users.read"}
    account = live_account(credentials=credentials)
    found, _ = examined()
    assert "tweet.write" in found[f"account_{account.id}"]["what"]
    assert wrong() == [f"account_{account.id}"]


@pytest.mark.parametrize(("off", "state"), [(timedelta(seconds=5), "warning"), (timedelta(minutes=5), "bad")])
def test_the_clock_is_wrong(off: timedelta, state: str) -> None:
    with time_machine.travel(timezone.now() + off):
        found, _ = examined()
    assert found["clock"]["state"] == state
    assert "ahead of the database's" in found["clock"]["what"]


def test_redis_throws_keys_away(settings: Any, tmp_path: Path) -> None:
    settings.REDIS_URL = ensure(tmp_path, postgres=False, durable=False).redis_url
    try:
        with Redis.from_url(settings.REDIS_URL) as redis:
            redis.config_set("maxmemory-policy", "allkeys-lru")
        assert wrong() == ["redis_eviction"]
    finally:
        release(tmp_path)


def test_too_few_connections_are_allowed() -> None:
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 15")
        try:
            assert wrong() == ["connections"]
        finally:
            cursor.execute(f"ALTER DATABASE {name} CONNECTION LIMIT -1")


def test_the_tick_is_turned_off() -> None:
    PeriodicTask.objects.filter(task=DISPATCH_TASK).update(enabled=False)
    assert wrong() == ["schedule"]
    PeriodicTask.objects.all().delete()
    assert wrong() == ["schedule"]


def test_the_database_is_away_and_the_rest_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    found, code = examined()
    assert code == 1
    assert found["database"]["state"] == "bad"
    assert {found[name]["state"] for name in ("redis", "public_url", "storage", "redis_eviction")} == {"ok"}
    assert "127.0.0.1" not in json.dumps([found[name] for name in ("database", "encryption")])


def test_nobody_is_told_anything(settings: Any) -> None:
    settings.MAIL_IS_SET_UP, settings.OPERATORS = False, []
    found, code = examined()
    assert {found[name]["state"] for name in ("mail", "operators")} == {"warning"}
    assert code == 2
    User.objects.update(email="")


# Asking others -------------------------------------------------------------------------------------------------------


@pytest.fixture
def nobody_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Platforms are asked by their rules alone."""
    for rules in registry.PLATFORMS.values():
        monkeypatch.setattr(type(rules), "clock", "")


def test_the_platform_is_asked_about_an_account(settings: Any, x: XPeer, nobody_outside: None) -> None:
    settings.X_API_URL = x.url
    person = x.user("ann")
    account = live_account(remote_id=person["id"], credentials=x.tokens(person["id"]))
    name = f"account_{account.id}"
    assert "accepts our access" in examined(offline=False)[0][name]["what"]
    x.revoke(person["id"])
    found, code = examined(offline=False)
    assert (found[name]["state"], code) == ("bad", 1)
    assert account.credentials["access_token"] not in json.dumps(found)


@pytest.mark.parametrize(
    ("there", "state", "words"),
    [
        (answer(b'{"status": "ok"}'), "ok", "answers"),
        (answer(b'{"status": "fine"}'), "bad", "Something else answers"),
        (answer(b"<p>Hello"), "bad", "Something else answers"),
        (answer(status=400), "bad", "answers 400"),
    ],
    ids=["ours", "another", "a page", "a host that is not allowed"],
)
def test_what_answers_at_the_public_address_is_looked_at(
    settings: Any, there: Behaviour, state: str, words: str
) -> None:
    with Web() as web:
        web.at["/healthz"] = there
        settings.OPENPOST_URL = web.url
        (finding,) = addresses.reachable()
    assert finding.state == state
    assert words in finding.what


def test_a_certificate_that_nobody_signed_is_told(settings: Any, tmp_path: Path) -> None:
    with Web(certificate(tmp_path)) as web:
        settings.OPENPOST_URL = web.url
        (finding,) = addresses.reachable()
    assert "no certificate that is good for it" in finding.what


@pytest.mark.parametrize(("off", "state"), [(0, "ok"), (-300, "bad"), (10, "warning")])
def test_a_platforms_clock_is_compared_with_ours(
    nobody_outside: None, monkeypatch: pytest.MonkeyPatch, off: int, state: str
) -> None:
    with Web() as web:
        web.at["/"] = answer(Date=format_datetime(timezone.now() + timedelta(seconds=off), usegmt=False))
        monkeypatch.setattr(X, "clock", web.url)
        (finding,) = servers.clocks_of_platforms()
    assert (finding.name, finding.state) == ("clock_twitter", state)


def test_nobody_at_the_public_address_is_told(settings: Any) -> None:
    settings.OPENPOST_URL = "https://127.0.0.1:1"
    (finding,) = addresses.reachable()
    assert (finding.state, "--offline" in finding.do) == ("bad", True)


def test_a_mail_server_that_is_away_is_told(settings: Any) -> None:
    assert [finding.state for finding in mail.reachable()] == ["ok"]
    with override_settings(EMAIL_PORT=1):
        assert [finding.state for finding in mail.reachable()] == ["bad"]


def test_people_read_it_line_by_line() -> None:
    out = StringIO()
    with pytest.raises(SystemExit), override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        call_command("doctor", offline=True, stdout=out, no_color=True)
    told = out.getvalue()
    assert "ok       database: It answers." in told
    assert "not well redis: It does not answer" in told
    assert "→ Look at the server behind REDIS_URL." in told
    assert told.endswith(f"Not well: {told.count('not well ')}.\n")
