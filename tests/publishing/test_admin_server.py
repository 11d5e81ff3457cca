"""What belongs to no workspace is changed in Django's own forms, and put on record; Django's own log is not kept."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from integrations.models import AuditEntry, Role
from tests import builders

pytestmark = pytest.mark.django_db

HISTORY = "admin:{}_{}_history"


def told() -> list[tuple[str, str, Any, Any]]:
    rows = AuditEntry.objects.filter(workspace=None, action__startswith="server.").order_by("id")
    return list(rows.values_list("action", "subject", "before", "after"))


def test_it_is_on_record_who_may_sign_in_and_as_what(admin_client: Client) -> None:
    password = "tr0ub4dor and three"
    made = {"username": "ada", "password1": password, "password2": password, "usable_password": "true"}
    assert admin_client.post(reverse("admin:auth_user_add"), made).status_code == 302
    ada = User.objects.get(username="ada")
    page = admin_client.get(reverse("admin:auth_user_change", args=[ada.pk]))
    fields = page.context["adminform"].form.initial
    changed = {name: value for name, value in fields.items() if isinstance(value, str) or value is True}
    changed |= {"is_superuser": "on", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    assert admin_client.post(reverse("admin:auth_user_change", args=[ada.pk]), changed).status_code == 302
    assert admin_client.post(reverse("admin:auth_user_delete", args=[ada.pk]), {"post": "yes"}).status_code == 302

    added, altered, deleted = told()
    assert added[:2] == ("server.added", "ada")
    assert altered[0] == "server.changed"
    assert (altered[2]["is_superuser"], altered[3]["is_superuser"]) == (False, True)
    assert deleted[:2] == ("server.deleted", "ada")
    assert "pbkdf2" not in str(told())
    assert not LogEntry.objects.exists()


def test_what_is_deleted_by_the_list_is_on_record_or_is_there(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = reverse("admin:auth_user_changelist")
    chosen = {"action": "delete_selected", "post": "yes", "_selected_action": [User.objects.create_user("ada").pk]}

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr("django.contrib.admin.ModelAdmin.delete_queryset", broken)
        admin_client.raise_request_exception = False
        assert admin_client.post(url, chosen).status_code == 500
    assert told() == []
    admin_client.post(url, chosen)
    assert [(action, subject) for action, subject, *_rest in told()] == [("server.deleted", "ada")]


def test_it_is_on_record_that_a_task_of_beats_was_put_off(admin_client: Client) -> None:
    task = PeriodicTask.objects.get(task="openpost.sweep_answers")
    chosen = {"action": "disable_tasks", "_selected_action": [task.pk]}
    assert admin_client.post(reverse("admin:django_celery_beat_periodictask_changelist"), chosen).status_code == 302
    assert told() == [("server.changed", "periodic tasks", {task.name: True}, {task.name: False})]


def test_a_history_is_what_the_audit_log_says(client: Client) -> None:
    workspace = builders.workspace()
    post, (viewer, owner) = (
        builders.post(workspace),
        (builders.member(workspace, role) for role in (Role.VIEWER, Role.OWNER)),
    )
    url = reverse(HISTORY.format("posts", "post"), args=[post.pk])
    assert builders.signed_in(viewer).get(url).status_code == 403
    page = builders.signed_in(owner).get(url, follow=True).content.decode()
    assert "Post created" in page
    assert page.count(str(AuditEntry.objects.get(subject_id=str(post.pk)).subject)) >= 1
    for person, shown in ((viewer, False), (owner, True)):
        change = builders.signed_in(person).get(reverse("admin:posts_post_change", args=[post.pk])).content.decode()
        assert (url in change) == shown
