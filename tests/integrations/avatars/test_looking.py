"""A worker looks at an account's picture: the double of X names it, a stranger's server has it."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from integrations import connect, tasks
from integrations.avatars import kept, looking
from integrations.models import Integration, IntegrationStatus, Mode
from integrations.platforms.connecting import Connection, Tokens
from openpost import clock
from tests import builders
from tests.integrations.platforms.pages import Page, Site, serving
from tests.peers.x.process import XPeer

from .pictures import at_x, bomb, colour, picture

pytestmark = pytest.mark.django_db

TEAL, RED = (0, 128, 128), (255, 0, 0)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def pages() -> dict[str, Page]:
    return {"/face_bigger.png": Page(picture(), "image/png")}


@pytest.fixture
def site(pages: dict[str, Page]) -> Iterator[Site]:
    with serving(pages) as running:
        yield running


@pytest.fixture
def account(x: XPeer, site: Site) -> Integration:
    return at_x(x, f"{site.base_url}/face_normal.png")


def look(account: Integration, *, again: bool = False) -> Integration:
    """The account after a worker has looked; `again`: a week later."""
    if again:
        Integration.objects.filter(id=account.id).update(avatar_due_at=timezone.now())
    looking.look(integration_id=account.id)
    account.refresh_from_db()
    return account


def but_when(account: Integration) -> dict[str, Any]:
    """All of the account's row but when it is looked at next."""
    return {**Integration.objects.values().get(id=account.id), "avatar_due_at": None}


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(left - right) < 10 for left, right in zip(one, other, strict=True))


def files(folder: Path) -> list[str]:
    return sorted(f"avatars/{path.name}" for path in folder.iterdir()) if folder.exists() else []


def test_it_keeps_a_small_copy_of_the_picture_that_the_platform_names(account: Integration, folder: Path) -> None:
    before = clock.now()

    look(account)

    assert files(folder) == [account.avatar]
    assert str(account.id) in account.avatar
    assert near(colour(kept.read(account.avatar)), TEAL)
    assert account.avatar_due_at
    assert timedelta(days=6) < account.avatar_due_at - before < timedelta(days=8)


def test_it_does_not_look_again_before_its_time(account: Integration, site: Site) -> None:
    look(account)
    look(account)
    assert site.asked == ["/face_bigger.png"]


def test_a_new_picture_takes_the_place_of_the_old(account: Integration, pages: dict[str, Page], folder: Path) -> None:
    old = look(account).avatar
    pages["/face_bigger.png"] = Page(picture("red"), "image/png")

    new = look(account, again=True).avatar

    assert new != old
    assert files(folder) == [new]
    assert near(colour(kept.read(new)), RED)


def test_the_same_picture_stays_as_it_is(account: Integration, folder: Path) -> None:
    old = look(account).avatar
    assert look(account, again=True).avatar == old
    assert files(folder) == [old]


def test_a_picture_that_was_taken_away_there_goes_here(x: XPeer, account: Integration, folder: Path) -> None:
    look(account)
    x.picture(account.remote_id, "https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png")

    assert look(account, again=True).avatar == ""
    assert files(folder) == []


def test_an_account_without_a_picture_has_none(x: XPeer, folder: Path) -> None:
    assert look(at_x(x)).avatar == ""
    assert files(folder) == []


HOSTILE = {
    "endless": Page(b"\x89PNG\r\n\x1a\n" + bytes(1_000_000), "image/png", endless=True),
    "a bomb": Page(bomb(), "image/png"),
    "a script in an SVG": Page(SVG, "image/svg+xml"),
    "a page": Page(b"<!doctype html><title>hello</title>"),
    "nothing": Page(b"", "image/png"),
    "cut off": Page(picture()[:60], "image/png"),
    "packed": Page(picture(), "image/png", headers={"Content-Encoding": "gzip"}),
    "not there": Page(b"", status=404),
    "elsewhere, at a private address": Page(b"", status=302, headers={"Location": "http://10.0.0.1/face.png"}),
    "elsewhere, in a file": Page(b"", status=302, headers={"Location": "file:///etc/passwd"}),
    "elsewhere, round and round": Page(b"", status=302, headers={"Location": "/face_bigger.png"}),
}


@pytest.mark.parametrize("page", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_picture_changes_nothing(
    account: Integration, pages: dict[str, Page], page: Page, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = look(account).avatar
    was = but_when(account)
    pages["/face_bigger.png"] = page

    with caplog.at_level(logging.INFO, "integrations.avatars"):
        look(account, again=True)

    assert but_when(account) == was
    assert account.avatar_due_at
    assert account.avatar_due_at < clock.now() + timedelta(days=2), "it is tried again sooner"
    assert files(folder) == [old]
    (record,) = caplog.records
    assert "could not be had" in record.getMessage()
    assert record.exc_info is None


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/face_normal.png", "http://192.168.0.1/a", "not an address"]
)
def test_no_private_address_is_asked(x: XPeer, address: str, folder: Path) -> None:
    assert look(at_x(x, address)).avatar == ""
    assert files(folder) == []


def test_a_picture_comes_by_https_only(account: Integration, settings: Settings, site: Site) -> None:
    settings.FETCH_FROM_LOOPBACK = False
    assert look(account).avatar == ""
    assert site.asked == []


def test_a_picture_that_drips_is_given_up(
    account: Integration, pages: dict[str, Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "FETCH_WITHIN", 0.5)
    pages["/face_bigger.png"] = Page(b"\x89", "image/png", endless=True, every=0.05)
    assert look(account).avatar == ""


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_platform_that_refuses_changes_nothing_of_the_account(
    x: XPeer, account: Integration, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    x.fault("GET /2/users/me", "answer", status=status)
    was = but_when(account)

    with caplog.at_level(logging.INFO):
        look(account)

    assert but_when(account) == was
    for secret in (account.credentials["access_token"], account.credentials["refresh_token"]):
        assert secret not in caplog.text


def test_a_storage_that_fails_is_told_of_and_stops_nothing(
    account: Integration, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a file").write_text("where a folder should be")
    settings.MEDIA_ROOT = tmp_path / "a file"

    look(account)

    (record,) = caplog.records
    assert record.exc_info
    assert account.avatar == ""
    assert account.status == IntegrationStatus.ACTIVE


def test_no_token_is_renewed_for_a_picture(x: XPeer, account: Integration) -> None:
    Integration.objects.update(token_expires_at=clock.now() + timedelta(minutes=1))
    look(account)
    assert x.requests(account.remote_id) == []
    assert not looking.due(now=clock.now()).exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"status": IntegrationStatus.NEEDS_REFRESH},
        {"status": IntegrationStatus.DISCONNECTED},
        {"resting_until": builders.soon()},
        {"platform": "mastodon"},
        {"avatar_due_at": None},
        {"avatar_due_at": builders.soon()},
    ],
    ids=["needs reconnecting", "disconnected", "rests", "of another platform", "has nothing to see", "was looked at"],
)
def test_it_leaves_an_account_alone(x: XPeer, fields: dict[str, Any]) -> None:
    account = at_x(x, **fields)
    was = Integration.objects.values().get(id=account.id)
    look(account)
    assert x.requests(account.remote_id) == []
    assert Integration.objects.values().get(id=account.id) == was


def test_a_sandbox_has_no_pictures() -> None:
    workspace = builders.workspace("sandbox")
    assert set(workspace.integrations.values_list("avatar_due_at", flat=True)) == {None}


def test_an_account_that_an_older_version_connects_is_looked_at(x: XPeer) -> None:
    """It says nothing of pictures: the database does."""
    account = at_x(x)
    assert looking.due(now=clock.now()).filter(id=account.id).exists()


def proof(account: Integration) -> Connection:
    """What the platform's sign-in gives of the account."""
    tokens = Tokens(account.credentials, expires_at=account.token_expires_at)
    return Connection(account.remote_id, account.username, account.display_name, tokens)


def connected(account: Integration) -> Integration:
    return connect.connect(
        workspace=account.workspace, platform="twitter", connection=proof(account), now=timezone.now()
    )


def test_connecting_asks_a_worker_to_look(
    account: Integration,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(connect, "hint", lambda *said, queue: sent.append((*said, queue)))
    look(account)

    with django_capture_on_commit_callbacks(execute=True):
        connected(account)

    assert sent == [(tasks.avatar_task.name, str(account.id), "celery")]
    assert looking.due(now=clock.now()).filter(id=account.id).exists(), "and the clock does, if the message is lost"
    tasks.avatar_task(str(account.id))
    account.refresh_from_db()
    assert account.avatar
    assert not looking.due(now=clock.now()).exists()


def test_a_machine_whose_clock_is_ahead_waits_for_no_picture(account: Integration) -> None:
    connect.connect(
        workspace=account.workspace,
        platform="twitter",
        connection=proof(account),
        now=timezone.now() + timedelta(seconds=30),
    )
    assert look(account).avatar


def test_connecting_succeeds_whatever_becomes_of_the_message(
    account: Integration,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def broken(*_: object, queue: str) -> None:
        raise RuntimeError(queue)

    monkeypatch.setattr(connect, "hint", broken)
    with django_capture_on_commit_callbacks(execute=True):
        assert connected(account).status == IntegrationStatus.ACTIVE


def test_the_clock_looks_at_all_that_are_due(x: XPeer, site: Site) -> None:
    accounts = [at_x(x, f"{site.base_url}/face_normal.png") for _ in range(3)]
    task = PeriodicTask.objects.get(task=tasks.AVATARS_TASK)
    assert (task.enabled, task.expire_seconds) == (True, 60)

    tasks.avatars_task()

    assert all(Integration.objects.get(id=account.id).avatar for account in accounts)


def test_the_clock_takes_little_of_a_worker(x: XPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    account = at_x(x)
    monkeypatch.setattr(looking, "WITHIN", timedelta(seconds=-1))
    tasks.avatars_task()
    assert x.requests(account.remote_id) == []


def test_one_who_disconnects_meanwhile_keeps_no_picture(
    account: Integration,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
) -> None:
    """What was fetched for an account that is let go of is left to the sweep."""

    def disconnecting(picture: bytes, **how: Any) -> str:
        connect.disconnect(integration=account, by="ada", now=timezone.now())
        return put(picture, **how)

    put = kept.put
    monkeypatch.setattr(kept, "put", disconnecting)

    look(account)

    assert account.avatar == ""
    assert account.avatar_due_at is None
    assert kept.unnamed() == files(folder) != []


def test_it_goes_with_the_account(
    account: Integration, folder: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    look(account)

    with django_capture_on_commit_callbacks(execute=True):
        connect.disconnect(integration=account, by="ada", now=timezone.now())

    account.refresh_from_db()
    assert (account.avatar, account.avatar_due_at) == ("", None)
    assert files(folder) == []


def test_two_who_look_at_once_ask_once(account: Integration, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has read the row before the first has moved its time on."""
    read_before = Integration.objects.get(id=account.id)
    first = look(account).avatar_due_at
    found = SimpleNamespace(filter=lambda **_: SimpleNamespace(first=lambda: read_before))
    monkeypatch.setattr(looking, "due", lambda **_: found)

    assert look(account).avatar_due_at == first
    assert site.asked == ["/face_bigger.png"]


def test_it_finds_them_by_an_index_however_many_accounts_there_are(x: XPeer) -> None:
    account = at_x(x)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO integrations_integration (id, workspace_id, platform, remote_id, username, display_name, status,
                status_reason, credentials, avatar_due_at, connected_at, created_at, updated_at)
            SELECT gen_random_uuid(), %s, 'twitter', 'many-' || n, 'many', '', 'active', '', '1$',
                now() + interval '3 days', now(), now(), now() FROM generate_series(1, 20000) n
            """,
            [account.workspace_id],
        )
        cursor.execute("ANALYZE integrations_integration")
    assert list(looking.due(now=clock.now())) == [account]
    assert "integration_avatar_due" in looking.due(now=clock.now()).explain()


def test_a_workspace_that_reaches_no_platform_is_not_looked_at(x: XPeer) -> None:
    account = at_x(x)
    account.workspace.mode = Mode.SANDBOX
    account.workspace.save(update_fields=["mode"])
    look(account)
    assert x.requests(account.remote_id) == []
