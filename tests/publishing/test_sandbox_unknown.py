"""`#sandbox-unknown`: what a person's decision is like, without a platform that goes wrong."""

import pytest

from integrations.models import SandboxPost
from integrations.platforms.sandbox.client import SandboxClient
from posts import actions
from posts.models import PostTarget, TargetStatus
from publishing import resolve
from tests import builders

from .engine import step

pytestmark = pytest.mark.django_db

ARRIVES, IS_LOST = "0" * 31 + "2", "0" * 31 + "1"


def unknown(monkeypatch: pytest.MonkeyPatch, key: str, text: str = "Hello #sandbox-unknown") -> PostTarget:
    monkeypatch.setattr(SandboxClient, "new_key", lambda self, *, now: key)
    target = step(builders.due(builders.workspace(), content=text))
    assert target.in_doubt
    return step(target)


@pytest.mark.parametrize(("key", "there"), [(ARRIVES, 1), (IS_LOST, 0)])
def test_it_leads_to_a_person_at_the_first_look(monkeypatch: pytest.MonkeyPatch, key: str, there: int) -> None:
    target = unknown(monkeypatch, key)

    assert (target.status, target.error_code, target.in_doubt) == (TargetStatus.FAILED, "outcome_unknown", True)
    assert SandboxPost.objects.count() == there


def test_the_network_cannot_say_later_either(monkeypatch: pytest.MonkeyPatch) -> None:
    target = unknown(monkeypatch, ARRIVES)
    actions.publish_now(post=target.post)

    assert step(target).error_code == "outcome_unknown"
    assert SandboxPost.objects.count() == 1


def test_it_is_live_where_somebody_has_found_it(monkeypatch: pytest.MonkeyPatch) -> None:
    target = unknown(monkeypatch, ARRIVES)
    url = f"https://posts.example.com/sandbox/{SandboxPost.objects.get().id}"

    resolve.live(target=target, url=url)

    target.refresh_from_db()
    assert (target.status, target.platform_post_url) == (TargetStatus.PUBLISHED, url)


def test_it_goes_out_when_somebody_says_that_it_did_not(monkeypatch: pytest.MonkeyPatch) -> None:
    target = unknown(monkeypatch, IS_LOST)

    resolve.absent(target=target)

    assert step(target).status == TargetStatus.PUBLISHED
    assert SandboxPost.objects.count() == 1


def test_it_may_be_so_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    target = unknown(monkeypatch, IS_LOST, "Hello #sandbox-unknown-always")

    resolve.absent(target=target)

    step(target)
    assert step(target).error_code == "outcome_unknown"
