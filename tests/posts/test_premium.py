"""An account that pays for longer posts: one fact, asked by creating, validating and publishing alike."""

import pytest

from integrations.models import Integration
from integrations.platforms.sandbox.models import SandboxPost
from posts.models import TargetStatus
from tests import builders
from tests.publishing.engine import step

pytestmark = pytest.mark.django_db

LONG = "a" * 281


def test_it_takes_a_long_post_of_the_account_that_pays_and_of_no_other() -> None:
    workspace = builders.workspace("live")
    paying = str(builders.integration(workspace, "twitter", premium=True).id)
    other = str(builders.integration(workspace, "twitter").id)
    client, at = builders.client(workspace), builders.iso(builders.soon())

    def body(text: str, *accounts: str) -> dict[str, object]:
        return {"content": text, "integrations": list(accounts), "schedule_at": at}

    assert client.post("/v1/posts", body(LONG, paying)).status_code == 201
    refusal = builders.error(client.post("/v1/posts", body(LONG, paying, other)))
    too_long = builders.error(client.post("/v1/posts", body("a" * 25_001, paying, other)))
    found = client.post("/v1/posts/validate", body(LONG, paying, other)).json()["data"]

    assert (refusal["code"], refusal["count"], refusal["limit"]) == ("text_too_long", 281, 280)
    assert [fault["limit"] for fault in too_long["details"]] == [25_000, 280]
    assert [(one["limit"], bool(one["problems"])) for one in found["targets"]] == [(25_000, False), (280, True)]


def test_it_publishes_a_long_post_only_while_the_account_pays() -> None:
    workspace = builders.workspace()
    account = builders.account(workspace)
    Integration.objects.filter(id=account.id).update(premium=True)
    first, second = (builders.due(workspace, content=LONG + name) for name in "ab")

    step(first)
    Integration.objects.filter(id=account.id).update(premium=False)
    step(second)

    assert first.status == TargetStatus.PUBLISHED
    assert (second.status, second.error_code) == (TargetStatus.FAILED, "text_too_long")
    assert SandboxPost.objects.get().text == LONG + "a"
