"""An account's pages in admin: how it does, what waits for it, and letting go of it."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from integrations.models import Integration, IntegrationStatus, Role, Workspace
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(ours: Workspace) -> User:
    return builders.member(ours, Role.ADMIN)


def address(account: Integration, page: str = "disconnect") -> str:
    return reverse(f"admin:integrations_integration_{page}", args=[account.pk])


def listed(user: User) -> str:
    return builders.signed_in(user).get(reverse("admin:integrations_integration_changelist")).content.decode()


def test_it_shows_when_an_account_was_last_used_and_how_many_posts_wait(ours: Workspace, ann: User) -> None:
    builders.published(ours)
    builders.post(ours, at=builders.soon(hours=1))
    builders.post(ours, at=builders.soon(hours=2))
    page = builders.signed_in(ann).get(address(builders.account(ours), "change")).content.decode()
    assert "last used" in page.lower()
    assert ">2<" in page.replace(" ", "").replace("\n", "")
    assert "Good" in listed(ann)


def test_it_says_why_an_account_must_be_connected_again(ours: Workspace, ann: User) -> None:
    Integration.objects.filter(pk=builders.account(ours).pk).update(
        status=IntegrationStatus.NEEDS_REFRESH, status_reason="Access was taken away there."
    )
    assert "Access was taken away there." in listed(ann)


def test_it_asks_before_it_lets_go_and_names_what_waits(ours: Workspace, ann: User) -> None:
    builders.post(ours, content="Still to come", at=builders.soon(hours=1))
    account = builders.account(ours)
    page = builders.signed_in(ann).get(address(account)).content.decode()
    assert "Still to come" in page
    assert "One post still waits" in page
    account.refresh_from_db()
    assert account.status == IntegrationStatus.ACTIVE


def test_it_lets_go_and_says_what_still_waits(ours: Workspace, ann: User) -> None:
    builders.post(ours, at=builders.soon(hours=1))
    account = builders.account(ours)
    answer = builders.signed_in(ann).post(address(account), follow=True)
    account.refresh_from_db()
    assert account.status == IntegrationStatus.DISCONNECTED
    assert "Posts that wait for it: 1" in answer.content.decode()
    assert address(account) not in answer.content.decode()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_it_is_for_those_who_may_manage_accounts(ours: Workspace, role: Role) -> None:
    account, client = builders.account(ours), builders.signed_in(builders.member(ours, role))
    assert client.get(address(account)).status_code == client.post(address(account)).status_code == 404
    account.refresh_from_db()
    assert account.status == IntegrationStatus.ACTIVE
    assert "Connect an account" not in client.get(reverse("admin:integrations_integration_changelist")).content.decode()


def test_it_knows_no_account_of_another_workspace(ours: Workspace, ann: User) -> None:
    theirs = builders.account(builders.workspace())

    def answers(pk: Any) -> tuple[int, int]:
        page = reverse("admin:integrations_integration_disconnect", args=[pk])
        return builders.signed_in(ann).get(page).status_code, builders.signed_in(ann).post(page).status_code

    assert answers(theirs.pk) == answers(uuid.uuid4()) == (404, 404)
    theirs.refresh_from_db()
    assert theirs.status == IntegrationStatus.ACTIVE
