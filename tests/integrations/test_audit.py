"""The audit log: what is put on record, by whom, and that nobody takes it back."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from integrations import audit
from integrations.models import AuditAction, AuditEntry
from openpost.acting import Actor, Kind, as_actor
from tests import builders

pytestmark = pytest.mark.django_db

PERSON = Actor(Kind.PERSON, id="7", name="ada", address="2001:db8::7")


def written(action: AuditAction = AuditAction.WORKSPACE_CHANGED, **said: Any) -> AuditEntry:
    workspace = builders.workspace()
    with as_actor(PERSON):
        audit.record(action, workspace, workspace=workspace, **said)
    return AuditEntry.objects.filter(action=action, workspace=workspace).get()


def test_it_says_who_did_what_from_where() -> None:
    entry = written()
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("person", "7", "ada")
    assert entry.address == "2001:db8::7"
    assert entry.subject_type == "workspace"
    assert entry.subject_id == str(entry.workspace_id)
    assert str(entry) == f"Workspace changed: {entry.subject}"


def test_it_is_the_machine_that_acts_when_nobody_asked() -> None:
    workspace = builders.workspace()
    audit.record(AuditAction.WORKSPACE_CHANGED, workspace, workspace=workspace)
    entry = AuditEntry.objects.filter(action=AuditAction.WORKSPACE_CHANGED).get()
    assert (entry.actor_kind, entry.actor_id, entry.address) == ("machine", "", None)


def test_it_keeps_of_before_and_after_what_differs() -> None:
    at = builders.soon()
    entry = written(
        before={"name": "A", "kept": [1], "gone": True, "at": None},
        after={"name": "B", "kept": (1,), "new": {"x": 1}, "at": at},
    )
    assert entry.before == {"name": "A", "gone": True, "at": None}
    assert entry.after == {"name": "B", "new": {"x": 1}, "at": builders.iso(at)}


def test_it_puts_no_change_on_record_that_is_none() -> None:
    workspace = builders.workspace()
    before = AuditEntry.objects.count()
    same = {"name": "A"}
    audit.change(AuditAction.WORKSPACE_CHANGED, workspace, workspace=workspace, before=same, after=dict(same))
    assert AuditEntry.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_it_is_written_in_the_transaction_of_what_it_tells_of() -> None:
    workspace = builders.workspace()
    with pytest.raises(RuntimeError, match="in the transaction"):
        audit.record(AuditAction.WORKSPACE_CHANGED, workspace, workspace=workspace)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE integrations_auditentry SET actor_name = 'nobody'",
        "DELETE FROM integrations_auditentry",
        "TRUNCATE integrations_auditentry",
    ],
)
def test_postgresql_lets_nobody_change_or_delete_an_entry(statement: str) -> None:
    entry = written()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE integrations_auditentry ENABLE TRIGGER ALL")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get(id=entry.id).actor_name == "ada"


def aged(days: int) -> AuditEntry:
    """An entry of that long ago."""
    young = written()
    values = {field.attname: getattr(young, field.attname) for field in AuditEntry._meta.concrete_fields}
    return AuditEntry.objects.create(**{**values, "id": None, "at": timezone.now() - timedelta(days=days)})


def test_an_operator_prunes_it_and_each_log_says_so() -> None:
    old, young, out = aged(days=400), aged(days=300), StringIO()
    call_command("prune_audit_log", days=365, stdout=out)
    assert out.getvalue() == "Entries removed: 1.\n"
    assert AuditEntry.objects.filter(id__in=[old.id, young.id]).get() == young
    told = AuditEntry.objects.get(action=AuditAction.AUDIT_PRUNED)
    assert (told.workspace_id, told.actor_kind, told.after["entries"]) == (old.workspace_id, "machine", 1)


def test_the_last_ninety_days_stay_whatever_is_said() -> None:
    entry = aged(days=80)
    with pytest.raises(CommandError, match="90 days"):
        call_command("prune_audit_log", days=70)
    with pytest.raises(IntegrityError, match="append-only"):
        audit.prune(before=timezone.now() - timedelta(days=70))
    assert AuditEntry.objects.filter(id=entry.id).exists()


def test_an_entry_outlives_its_workspace() -> None:
    entry = written()
    workspace = entry.workspace
    assert workspace is not None
    workspace.delete()
    assert AuditEntry.objects.get(id=entry.id).subject == entry.subject


#: What is asked of a workspace's list, and the index that answers.
LISTS: dict[str, dict[str, str]] = {
    "audit_of_workspace": {},
    "audit_of_action": {"action": "key.revoked"},
    "audit_of_actor": {"actor_id": "7"},
}


@pytest.fixture
def large() -> Any:
    """Twenty thousand entries of ten workspaces, and the id of one of them."""
    workspace = builders.workspace()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO integrations_auditentry (at, workspace_id, actor_kind, actor_id, actor_name, action,
                                                 subject_type, subject_id, subject, before, after)
            SELECT now() - n * interval '1 minute',
                   CASE WHEN n %% 10 = 0 THEN %s::uuid ELSE md5((n %% 10)::text)::uuid END,
                   'person', (n %% 7)::text, '', CASE WHEN n %% 3 = 0 THEN 'key.revoked' ELSE 'post.edited' END,
                   'post', 'x' || n, '', '{}', '{}'
            FROM generate_series(1, 20000) AS n
            """,
            [workspace.id],
        )
        cursor.execute("ANALYZE integrations_auditentry")
    return workspace.id


@pytest.mark.parametrize("index", LISTS)
def test_each_list_of_a_workspace_reads_its_index_and_sorts_nothing(large: Any, index: str) -> None:
    plan = AuditEntry.objects.filter(workspace=large, **LISTS[index])[:50].explain()
    assert index in plan
    assert "Sort" not in plan


@pytest.mark.usefixtures("large")
def test_the_list_of_everything_and_of_one_thing_read_theirs() -> None:
    for index, plan in (
        ("audit_newest", AuditEntry.objects.all()[:50].explain()),
        ("audit_of_subject", AuditEntry.objects.filter(subject_id="x7")[:50].explain()),
    ):
        assert index in plan
        assert "Sort" not in plan
