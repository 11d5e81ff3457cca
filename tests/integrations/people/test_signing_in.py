"""The door: throttled by account and address, never by account alone; sessions that end; and what the log says."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from integrations.models import AuditEntry, Role, Workspace
from integrations.people import second_factor
from openpost import tasks
from tests import builders

pytestmark = pytest.mark.django_db

LOGIN = reverse("admin:login")
HOME = reverse("admin:index")
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    """Of passwords only the comparison matters here: the real hash is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


@pytest.fixture
def person(workspace: Workspace) -> User:
    return builders.member(workspace, Role.EDITOR, password=PASSWORD)


def try_at(name: str, password: str = "", address: str = "192.0.2.1", client: Client | None = None) -> Any:
    client = client or Client()
    return client.post(LOGIN, {"username": name, "password": password or "wrong"}, REMOTE_ADDR=address)


def gets_in(response: Any) -> bool:
    return bool(response.status_code == 302)


def told(workspace: Workspace) -> list[tuple[str, str, str | None]]:
    rows = AuditEntry.objects.filter(workspace=workspace, action__startswith="person.").order_by("id")
    return list(rows.values_list("action", "actor_name", "address"))


# Throttling ---------------------------------------------------------------------------------------------------------


def test_who_is_mistaken_five_times_has_to_wait_and_is_told_so(person: User) -> None:
    answers = [try_at(person.username).status_code for _ in range(6)]
    assert answers == [200, 200, 200, 200, 429, 429]
    refused = try_at(person.username, PASSWORD)
    assert refused.status_code == 429
    assert refused["Retry-After"] == "900"
    assert "15 minutes" in refused.content.decode()


def test_nobody_else_has_to_wait_for_an_attacker(person: User, workspace: Workspace) -> None:
    other = builders.member(workspace, Role.EDITOR, password=PASSWORD)
    for _ in range(6):
        try_at(person.username, address="203.0.113.9")
    assert gets_in(try_at(person.username, PASSWORD, address="192.0.2.1"))
    assert gets_in(try_at(other.username, PASSWORD, address="203.0.113.9"))


def test_an_address_that_tries_many_accounts_has_to_wait_for_all_of_them(person: User) -> None:
    for number in range(50):
        try_at(f"guess{number}", address="203.0.113.9")
    assert try_at(person.username, PASSWORD, address="203.0.113.9").status_code == 429
    assert gets_in(try_at(person.username, PASSWORD))


def test_signing_in_forgives_ones_own_mistakes_only(person: User) -> None:
    for number in range(48):
        try_at(f"guess{number}", address="203.0.113.9")
    assert gets_in(try_at(person.username, PASSWORD, address="203.0.113.9"))
    for number in range(2):
        try_at(f"another{number}", address="203.0.113.9")
    assert try_at(person.username, PASSWORD, address="203.0.113.9").status_code == 429


def test_a_made_up_header_is_no_other_address(person: User, settings: Any) -> None:
    for proxies, forged in ((0, "{0}.1.1.1"), (1, "{0}.1.1.1, 192.0.2.1")):
        settings.TRUSTED_PROXIES = proxies
        for number in range(1, 7):
            headers = {"X-Forwarded-For": forged.format(number)}
            answer = Client(headers=headers).post(LOGIN, {"username": f"{person.username}", "password": "wrong"})
        assert answer.status_code == 429, proxies


def test_a_network_of_addresses_is_one(person: User) -> None:
    """Whoever has an IPv6 address can choose from 2^64."""
    for number in range(6):
        try_at(person.username, address=f"2001:db8::{number}")
    assert try_at(person.username, PASSWORD, address="2001:db8::ffff").status_code == 429
    assert gets_in(try_at(person.username, PASSWORD, address="2001:db8:0:1::1"))
    # All of IPv4 is below one such prefix, when a server listens to both.
    assert try_at(person.username, address="::ffff:192.0.2.1").status_code == 200
    assert AccessAttempt.objects.latest("id").ip_address == "192.0.2.1"


@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("admin-sessions-end", "password"),
        ("admin-second-factor-remove", "password"),
        ("admin-second-factor-set-up", "password"),
        ("admin:password_change", "old_password"),
    ],
)
def test_a_password_that_a_page_asks_for_is_guessed_no_oftener(person: User, page: str, field: str) -> None:
    client = signed_in(person)
    second_factor.begin(person)
    chosen = {"new_password1": "tr0ub4dor and three", "new_password2": "tr0ub4dor and three"}
    for _ in range(5):
        client.post(reverse(page), {field: "wrong", **chosen})
    assert client.post(reverse(page), {field: PASSWORD, **chosen}).status_code == 429
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_name_that_is_longer_than_any_is_no_error_of_ours(person: User) -> None:
    assert try_at("x" * 5000).status_code == 200
    assert not AccessAttempt.objects.exists()


def test_the_wait_ends_and_no_attempt_makes_it_longer(person: User) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        for _ in range(6):
            try_at(person.username)
        clock.shift(timedelta(minutes=10))
        assert try_at(person.username, PASSWORD).status_code == 429
        clock.shift(timedelta(minutes=6))
        assert gets_in(try_at(person.username, PASSWORD))


# The log ------------------------------------------------------------------------------------------------------------


def test_the_log_of_the_workspace_says_who_came_and_who_tried(person: User, workspace: Workspace) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7")
    try_at(person.username, client=client, address="192.0.2.7")
    try_at(person.username, PASSWORD, client=client, address="192.0.2.7")
    client.post(reverse("admin:logout"), REMOTE_ADDR="192.0.2.7")
    assert told(workspace) == [
        ("person.sign_in_failed", "", "192.0.2.7"),
        ("person.signed_in", person.username, "192.0.2.7"),
        ("person.signed_out", person.username, "192.0.2.7"),
    ]


def test_a_lock_out_is_told_once(person: User, workspace: Workspace) -> None:
    for _ in range(9):
        try_at(person.username)
    actions = [action for action, *_ in told(workspace)]
    assert actions == ["person.sign_in_failed"] * 4 + ["person.locked_out"]


def test_a_name_that_is_none_is_not_kept(workspace: Workspace) -> None:
    try_at("my-secret-passphrase")
    entry = AuditEntry.objects.get(action="person.sign_in_failed")
    assert (entry.workspace, entry.subject) == (None, "(no such account)")
    assert "my-secret-passphrase" not in str(list(AuditEntry.objects.values_list()))


# Sessions -----------------------------------------------------------------------------------------------------------


def signed_in(person: User) -> Client:
    client = Client()
    assert gets_in(try_at(person.username, PASSWORD, client=client))
    return client


def is_in(client: Client) -> bool:
    return bool(client.get(HOME).status_code == 200)


def test_a_session_ends_when_it_was_not_used_for_long(person: User, settings: Any) -> None:
    settings.SESSION_IDLE_MINUTES, now = 30, timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        client = signed_in(person)
        for _ in range(4):
            assert is_in(client)
            clock.shift(timedelta(minutes=25))
        clock.shift(timedelta(minutes=6))
        assert not is_in(client)


def test_what_an_open_page_asks_by_itself_is_no_use_of_a_session(
    person: User, workspace: Workspace, settings: Any
) -> None:
    settings.SESSION_IDLE_MINUTES, now = 30, timezone.now()
    post = builders.post(workspace, at=builders.soon(days=1))
    asked = [reverse("admin-home-machine"), reverse("admin:posts_post_live", args=[post.pk])]
    for url in asked:
        with time_machine.travel(now, tick=False) as clock:
            client = signed_in(person)
            for _ in range(2):
                assert client.get(url).status_code == 200
                clock.shift(timedelta(minutes=16))
            assert not is_in(client), url


def test_a_session_ends_in_any_case(person: User, settings: Any) -> None:
    settings.SESSION_HOURS, now = 1, timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        client = signed_in(person)
        for _ in range(4):
            assert is_in(client)
            clock.shift(timedelta(minutes=16))
        assert not is_in(client)


def test_sessions_that_are_over_are_swept_every_day(person: User, settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = 3600
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False):
        signed_in(person)
    lives = signed_in(person).session.session_key
    task = PeriodicTask.objects.get(task=tasks.CLEAR_SESSIONS_TASK)
    assert task.enabled
    assert str(task.interval) == "every day"
    tasks.clear_sessions_task()
    assert [session.session_key for session in Session.objects.all()] == [lives]


def test_all_other_sessions_end_when_the_password_changes(person: User, workspace: Workspace) -> None:
    here, elsewhere = signed_in(person), signed_in(person)
    body = {"old_password": PASSWORD, "new_password1": "tr0ub4dor and three", "new_password2": "tr0ub4dor and three"}
    assert here.post(reverse("admin:password_change"), body).status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)
    assert told(workspace)[-1][:2] == ("person.password_changed", person.username)


def test_all_other_sessions_end_by_ones_password_alone(person: User) -> None:
    here, elsewhere = signed_in(person), signed_in(person)
    for password, stays in (("wrong", True), (PASSWORD, False)):
        assert here.post(reverse("admin-sessions-end"), {"password": password}).status_code == 302
        assert is_in(elsewhere) == stays
    assert is_in(here)
