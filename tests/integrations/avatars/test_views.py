"""Pictures are shown to those who may see the account, and each is asked for once."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from integrations import marks
from integrations.avatars import kept
from integrations.models import Integration, Role, Workspace
from tests import builders

from .pictures import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


def with_picture(account: Integration, colour: str = "teal") -> Integration:
    account.avatar = kept.put(picture(colour), of=account.id)
    account.save(update_fields=["avatar"])
    return account


@pytest.fixture
def account(workspace: Workspace) -> Integration:
    return with_picture(builders.account(workspace))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER])
def test_whoever_may_see_the_account_gets_its_picture_to_keep(account: Integration, role: Role) -> None:
    person = builders.signed_in(builders.member(account.workspace, role))

    answer = person.get(kept.address(account))

    assert answer.status_code == 200
    assert answer.content == picture()
    assert answer["Content-Type"] == "image/webp"
    assert answer["Cache-Control"] == "private, immutable, max-age=31536000"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_stranger_cannot_tell_it_from_one_that_is_not_there(account: Integration, workspace: Workspace) -> None:
    stranger = builders.signed_in(builders.member(builders.workspace()))
    theirs = stranger.get(kept.address(account))
    none = stranger.get(kept.address(account).replace(str(account.id), "9f1e2d4c-77f1-4a52-9a13-5d0c53c1b8e2", 1))
    assert (theirs.status_code, theirs.content) == (none.status_code, none.content)
    assert theirs.status_code == 404


def test_who_is_not_signed_in_is_sent_to_the_door(client: Client, account: Integration) -> None:
    assert client.get(kept.address(account)).status_code == 302


def test_no_other_file_is_reached_by_it(admin_client: Client, account: Integration, tmp_path: Path) -> None:
    (tmp_path / "secret.webp").write_bytes(b"secret")
    media = builders.media(account.workspace)
    for name in ("secret.webp", "..%2Fsecret.webp", str(media.file.name), "nothing.webp", f"{media.id}.png"):
        url = f"/admin/avatars/{account.id}/{name}"
        assert admin_client.get(url).status_code == 404, name
    other = with_picture(builders.account(account.workspace, "bluesky"), "red")
    mixed = reverse("admin-avatar", args=[account.id, other.avatar.removeprefix("avatars/")])
    assert admin_client.get(mixed).status_code == 404


def test_one_whose_bytes_are_gone_is_not_there(admin_client: Client, account: Integration) -> None:
    default_storage.delete(account.avatar)
    assert admin_client.get(kept.address(account)).status_code == 404


def test_an_account_without_a_picture_shows_its_initials(workspace: Workspace) -> None:
    account = builders.integration(workspace, display_name="Ada <b>Lovelace")
    assert kept.address(account) == ""
    assert "<img" not in marks.face(account)
    assert ">A&lt;<" in marks.face(account)


def test_an_account_that_stands_alone_says_who_it_is(account: Integration) -> None:
    assert 'role="img" aria-label="Sandbox X on X"' in marks.lone_face(account)
    assert 'role="img" aria-label="Sandbox' not in marks.face(account)


@pytest.mark.parametrize(
    "screen",
    ["/admin/", "/admin/posts/post/", "/admin/calendar/", "/admin/integrations/integration/", "/admin/posts/post/add/"],
)
def test_every_screen_shows_it_at_a_constant_number_of_queries(workspace: Workspace, screen: str) -> None:
    person = builders.signed_in(User.objects.create_superuser("root"))
    accounts = [with_picture(one) for one in workspace.integrations.filter(platform__in=["twitter", "bluesky"])]
    builders.post(workspace, "soon", at=builders.soon(minutes=5), integrations=[one.id for one in accounts])

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = person.get(f"{screen}?workspace={workspace.id}" if screen.endswith("add/") else screen)
        assert page.status_code == 200
        for account in accounts:
            assert f'<img src="{kept.address(account)}" alt="">' in page.content.decode(), screen
        return len(queries)

    asked()
    few = asked()
    accounts += [with_picture(builders.integration(workspace)) for _ in range(4)]
    builders.post(workspace, "all", at=builders.soon(minutes=4), integrations=[one.id for one in accounts[-4:]])
    builders.post(workspace, "more", at=builders.soon(minutes=4), integrations=[one.id for one in accounts[:4]])
    assert asked() == few
