"""A second factor: proved when it is set up, asked for before any page, no use to whoever reads the database."""

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.models import AuditEntry, Role, SecondFactor, Workspace
from integrations.people import second_factor, totp
from tests import builders

pytestmark = pytest.mark.django_db

ASK, SET_UP = reverse("admin-second-factor"), reverse("admin-second-factor-set-up")
BEGIN = reverse("admin-second-factor-begin")
SECURITY, HOME = reverse("admin-security"), reverse("admin:index")
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


@pytest.fixture
def person(workspace: Workspace) -> User:
    return builders.member(workspace, Role.OWNER, password=PASSWORD)


def with_password(person: User) -> Client:
    client = Client()
    body = {"username": person.username, "password": PASSWORD}
    assert client.post(reverse("admin:login"), body).status_code == 302
    return client


def code(person: User, *, off: int = 0) -> str:
    """What the person's device shows, or showed `off` steps ago."""
    seed = SecondFactor.objects.get(user=person).seed
    return totp.code_of(seed, int(timezone.now().timestamp()) // totp.STEP - off)


def set_up(person: User) -> tuple[Client, list[str]]:
    """The person's browser, and their recovery codes. The device's next code is due."""
    client = with_password(person)
    assert client.get(SET_UP)["Location"] == SECURITY
    assert client.post(BEGIN)["Location"] == SET_UP
    page = client.get(SET_UP).content.decode()
    assert "<svg" in page
    assert SecondFactor.objects.get(user=person).seed in page
    shown = client.post(SET_UP, {"code": code(person), "password": PASSWORD})
    assert shown.status_code == 200
    SecondFactor.objects.update(last_step=0)
    return client, re.findall(r"\b[a-z2-7]{5}-[a-z2-7]{5}\b", shown.content.decode())


# The codes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_its_codes_are_those_of_rfc_6238(seconds: int, shown: str) -> None:
    seed = base64.b32encode(b"12345678901234567890").decode()
    assert totp.code_of(seed, seconds // 30) == shown
    assert totp.step_of(seed, shown, at=seconds, after=0) == seconds // 30
    assert totp.step_of(seed, shown, at=seconds + 30, after=0) == seconds // 30
    assert totp.step_of(seed, shown, at=seconds + 90, after=0) is None
    assert totp.step_of(seed, shown, at=seconds, after=seconds // 30) is None
    assert totp.step_of(seed, "é" * 6, at=seconds, after=0) is None


# Setting it up ------------------------------------------------------------------------------------------------------


def test_it_is_on_once_the_device_has_shown_a_code(person: User) -> None:
    client, codes = set_up(person)
    assert second_factor.is_on(person)
    assert len(set(codes)) == 10
    assert client.get(HOME).status_code == 200
    assert "It is on" in client.get(SECURITY).content.decode()


def test_a_seed_that_was_left_lying_is_not_set_up(person: User) -> None:
    client = with_password(person)
    client.post(BEGIN)
    first = SecondFactor.objects.get(user=person).seed
    client.post(BEGIN)
    assert SecondFactor.objects.get(user=person).seed != first


@pytest.mark.parametrize("wrong", ["code", "password"])
def test_it_is_not_on_with_a_wrong_code_or_password(person: User, wrong: str) -> None:
    client = with_password(person)
    client.post(BEGIN)
    body = {"code": code(person), "password": PASSWORD} | {wrong: "000000"}
    assert client.post(SET_UP, body).status_code == 400
    assert not second_factor.is_on(person)
    assert client.get(HOME).status_code == 200


def test_all_other_sessions_end_when_it_is_set_up(person: User) -> None:
    elsewhere = with_password(person)
    assert elsewhere.get(HOME).status_code == 200
    set_up(person)
    assert elsewhere.get(HOME)["Location"].startswith(reverse("admin:login"))


def test_it_is_not_on_while_other_sessions_go_on(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has one of them never gave a code: so both happen, or neither."""
    client, elsewhere = with_password(person), with_password(person)
    client.post(BEGIN)

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr("integrations.people.sessions.put_on_record", broken)
        client.raise_request_exception = False
        assert client.post(SET_UP, {"code": code(person), "password": PASSWORD}).status_code == 500
    assert not second_factor.is_on(person)
    assert elsewhere.get(HOME).status_code == 200
    assert not AuditEntry.objects.filter(action="person.second_factor_on").exists()


def test_the_database_holds_neither_seed_nor_recovery_code_in_clear(person: User) -> None:
    _, codes = set_up(person)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM integrations_secondfactor")
        kept = str(cursor.fetchall())
    assert SecondFactor.objects.get(user=person).seed not in kept
    assert not any(one in kept or one.replace("-", "") in kept for one in codes)
    log = str(list(AuditEntry.objects.values_list()))
    assert not any(one in log for one in codes)


@pytest.mark.parametrize("page", ["admin:password_change", "admin:auth_user_password_change"])
def test_no_password_changes_without_a_word_of_it_in_the_log(
    person: User, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    User.objects.filter(pk=person.pk).update(is_superuser=True)
    client = with_password(person)

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr("integrations.people.watching.put_on_record", broken)
        client.raise_request_exception = False
        body = {"old_password": PASSWORD, "usable_password": "true", "set-password": "1"}
        body |= dict.fromkeys(("new_password1", "new_password2", "password1", "password2"), "staple battery horse")
        args = [person.pk] if "user" in page else []
        assert client.post(reverse(page, args=args), body).status_code == 500
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


# Being asked --------------------------------------------------------------------------------------------------------


def test_it_is_asked_for_before_any_page(person: User) -> None:
    set_up(person)
    client = with_password(person)
    for url in (HOME, reverse("admin:posts_post_changelist"), SECURITY, "/docs", "/integrations/x/callback"):
        assert client.get(url)["Location"].startswith(ASK), url
    assert client.post(reverse("admin-second-factor-remove"), {"password": PASSWORD})["Location"].startswith(ASK)
    assert second_factor.is_on(person)
    answer = client.post(ASK, {"code": code(person), "next": reverse("admin:posts_post_changelist")})
    assert answer["Location"] == reverse("admin:posts_post_changelist")
    assert client.get(HOME).status_code == 200


def test_a_wrong_code_opens_nothing_and_a_code_opens_once(person: User) -> None:
    set_up(person)
    first, second = with_password(person), with_password(person)
    assert first.post(ASK, {"code": "000000"}).status_code == 400
    assert first.get(HOME).status_code == 302
    right = code(person)
    assert first.post(ASK, {"code": f" {right[:3]} {right[3:]} "}).status_code == 302
    assert second.post(ASK, {"code": right}).status_code == 400
    assert second.get(HOME).status_code == 302


def test_a_recovery_code_opens_once(person: User) -> None:
    _, codes = set_up(person)
    first, second = with_password(person), with_password(person)
    assert first.post(ASK, {"code": codes[0].upper()}).status_code == 302
    assert first.get(HOME).status_code == 200
    assert second.post(ASK, {"code": codes[0]}).status_code == 400
    assert second.post(ASK, {"code": codes[1]}).status_code == 302


def test_who_guesses_has_to_wait_longer_each_time(person: User) -> None:
    set_up(person)
    client, now = with_password(person), timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        for _ in range(5):
            client.post(ASK, {"code": "000000"})
            clock.shift(timedelta(seconds=3))
        client.post(ASK, {"code": "000000"})
        page = client.post(ASK, {"code": code(person)})
        assert "Too many mistakes" in page.content.decode()
        clock.shift(timedelta(minutes=16))
        assert client.post(ASK, {"code": code(person)}).status_code == 302


def test_somebody_who_has_none_is_not_asked(person: User) -> None:
    client = with_password(person)
    assert client.get(HOME).status_code == 200
    assert client.get(ASK)["Location"] == HOME


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example"])
def test_it_leads_to_pages_of_ours_only(person: User, back: str) -> None:
    set_up(person)
    client = with_password(person)
    assert client.post(ASK, {"code": code(person), "next": back})["Location"] == HOME


# Taking it away -----------------------------------------------------------------------------------------------------


def test_it_goes_with_the_password_only(person: User) -> None:
    client, _ = set_up(person)
    remove = reverse("admin-second-factor-remove")
    client.post(remove, {"password": "wrong"})
    assert second_factor.is_on(person)
    assert client.get(remove).status_code == 405
    client.post(remove, {"password": PASSWORD})
    assert not second_factor.is_on(person)
    assert with_password(person).get(HOME).status_code == 200


def test_an_operator_can_remove_it(person: User) -> None:
    set_up(person)
    call_command("remove_second_factor", person.username)
    assert not second_factor.is_on(person)


def test_its_life_is_on_record(person: User, workspace: Workspace) -> None:
    client, codes = set_up(person)
    other = with_password(person)
    other.post(ASK, {"code": "000000"})
    other.post(ASK, {"code": codes[0]})
    client.post(reverse("admin-second-factor-remove"), {"password": PASSWORD})
    told = AuditEntry.objects.filter(workspace=workspace, action__contains="fac").order_by("id")
    kinds = ["second_factor_on", "second_factor_asked", "second_factor_failed", "second_factor_off"]
    assert [entry.action.partition(".")[2] for entry in told] == kinds
    assert AuditEntry.objects.get(action="person.recovery_code_used").after == {"left": 9}
    # Once by the password alone, before it was set up, and once with the code.
    assert AuditEntry.objects.filter(workspace=workspace, action="person.signed_in").count() == 2


# Sessions -----------------------------------------------------------------------------------------------------------


def test_a_button_signs_out_everywhere_else(person: User) -> None:
    here, elsewhere = with_password(person), with_password(person)
    button = reverse("admin-sessions-end")
    here.post(button, {"password": "wrong"})
    assert elsewhere.get(HOME).status_code == 200
    here.post(button, {"password": PASSWORD})
    assert here.get(HOME).status_code == 200
    assert elsewhere.get(HOME).status_code == 302
    assert with_password(person).get(HOME).status_code == 200
