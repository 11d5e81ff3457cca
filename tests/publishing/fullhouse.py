"""A workspace in which there is something of everything that is kept."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from integrations.avatars import kept as avatars
from integrations.models import (
    EventType,
    Integration,
    OutboxEvent,
    Role,
    SandboxPost,
    WebhookDelivery,
    WebhookEndpoint,
    Workspace,
)
from openpost.models import KeptAnswer
from posts.models import Autosave, PostTarget
from publishing.models import Attempt, Delivery, Outcome, Step
from tests import builders

#: Stand in columns that never leave.
SECRET = "plantedsecret0123456789"


def fill(workspace: Workspace) -> None:
    now = timezone.now()
    person = builders.member(workspace, Role.OWNER)
    builders.api_key(workspace)
    builders.published(workspace, content="live", media=[builders.media(workspace)])
    builders.post(workspace, "a draft")
    builders.post(workspace, "tomorrow", at=now + timedelta(days=1))
    failed = builders.target(builders.failed(workspace, content="refused"))
    Integration.objects.filter(workspace=workspace).update(credentials={"access_token": SECRET})
    account = failed.integration
    account.avatar = avatars.put(b"a picture", of=account.id)
    account.save(update_fields=["avatar"])
    Delivery.objects.create(target=failed, key="k", payload={}, fingerprint="f")
    Step.objects.create(target=failed, number=1, at=now, message="It looked.")
    attempt(failed, ended_at=now)
    received = {"file": default_storage.save(f"sandbox/{workspace.id}.png", ContentFile(b"received"))}
    SandboxPost.objects.create(integration=account, key="k", text="live", media=[received])
    endpoint = WebhookEndpoint.objects.create(workspace=workspace, url="https://example.com/hook", secrets=[SECRET])
    event = OutboxEvent.objects.create(workspace=workspace, type=EventType.WEBHOOK_TEST, data={}, happened_at=now)
    WebhookDelivery.objects.create(endpoint=endpoint, event=event, due_at=now, wanted_at=now)
    Autosave.objects.create(user=person, workspace=workspace, fields="content=unsaved", kept_at=now)
    KeptAnswer.objects.create(tenant_id=workspace.id, key="k", fingerprint="f", status=201, body="{}")
    default_storage.save(f"{workspace.id}/left-behind.png", ContentFile(b"its row was never written"))


def attempt(target: PostTarget, **columns: object) -> Attempt:
    began = {"started_at": columns.get("ended_at"), "worker": "here", "number": 1, "outcome": Outcome.REJECTED}
    return Attempt.objects.create(target=target, **{**began, **columns})
