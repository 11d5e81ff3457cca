"""A thread goes out part after part, or in one call where a platform can; it goes on where it stopped, and no part of
it is ever there twice.
"""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.models import Integration
from integrations.platforms.errors import NotNow, Rejected, Unconfirmed
from openpost.api.errors import ApiError
from posts import actions
from posts.models import Post, PostTarget, TargetStatus
from publishing import ledger, resolve, timeline
from publishing.conclude import conclude
from publishing.evidence import Try
from publishing.models import Attempt, Delivery, DeliveryState
from tests import builders

from .engine import ScriptedClient, step, unknown

pytestmark = pytest.mark.django_db

TEXTS = ["First", "Second", "Third", "Fourth", "Fifth"]


def thread(*texts: str, platform: str = "twitter") -> PostTarget:
    first, *rest = texts or TEXTS
    return builders.due(builders.workspace(), content=first, thread=rest, platforms=[platform])


def sent(platform: ScriptedClient) -> list[str]:
    return [text for _, text in platform.records]


def states() -> list[str]:
    return list(Delivery.objects.order_by("part").values_list("state", flat=True))


class Killed(BaseException):
    """The worker is gone at once: nothing of it writes any more."""


def kill() -> None:
    raise Killed


def test_each_part_answers_the_one_before(platform: ScriptedClient) -> None:
    target = step(thread())
    assert target.status == TargetStatus.PUBLISHED
    assert sent(platform) == TEXTS
    ids = [f"remote-{key}" for key, _ in platform.records]
    assert platform.answered == [None, *ids[:-1]]
    assert (target.platform_post_id, target.platform_post_url) == (ids[0], target.live_parts[0])
    assert target.live_parts == [f"https://example.com/{key}" for key, _ in platform.records]
    assert states() == [DeliveryState.LIVE] * 5


def test_all_parts_are_prepared_before_the_first_is_sent(platform: ScriptedClient) -> None:
    step(thread("One", "Two"))
    assert platform.calls == ["prepare", "publish", "publish"]


def test_the_timeline_tells_of_every_part(platform: ScriptedClient) -> None:
    target = step(thread("One", "Two", "Three"))
    told = [entry.message for entry in timeline.of_post(target.post).entries]
    first, second, _ = target.live_parts
    assert f"Part 1 of 3 is live: {first}" in told
    assert f"Part 2 of 3 is live: {second}" in told
    assert told[-1] == f"Live on X: {first}"


def test_when_the_third_of_five_is_refused_it_goes_on_from_there(platform: ScriptedClient) -> None:
    platform.before = [None, None, Rejected("It is too rude.", code="rejected")]
    target = step(thread())
    assert (target.status, target.error_code) == (TargetStatus.FAILED, "rejected")
    assert target.error_message == "Part 3 of 5 (those before it are live): It is too rude."
    assert states() == ["live", "live", "prepared", "prepared", "prepared"]
    assert len(target.live_parts) == 2
    assert target.platform_post_url is None

    actions.publish_now(post=target.post)
    assert step(target).status == TargetStatus.PUBLISHED
    assert sent(platform) == TEXTS


def test_what_is_live_in_part_is_not_edited_while_it_waits(platform: ScriptedClient) -> None:
    platform.before = [None, NotNow("Later.", retry_after=timedelta(hours=1))]
    target = step(thread("One", "Two"))
    assert (target.status, target.in_hand) == (TargetStatus.PUBLISHING, False)
    assert target.due_at
    assert target.due_at > timezone.now() + timedelta(minutes=59)
    with pytest.raises(ApiError):
        actions.cancel(post=target.post)
    assert step(target).status == TargetStatus.PUBLISHED
    assert sent(platform) == ["One", "Two"]


def test_a_part_that_may_be_live_is_looked_for_and_the_thread_goes_on(platform: ScriptedClient) -> None:
    platform.after = [None, Unconfirmed("No answer.")]
    target = step(thread("One", "Two", "Three"))
    assert target.in_doubt
    assert step(target).status == TargetStatus.PUBLISHED
    assert sent(platform) == ["One", "Two", "Three"]


def test_a_part_that_is_surely_absent_is_sent_again_in_its_place(platform: ScriptedClient) -> None:
    platform.before = [None, Unconfirmed("No answer.")]
    target = step(thread("One", "Two", "Three"))
    assert step(target).status == TargetStatus.PUBLISHED
    assert sent(platform) == ["One", "Two", "Three"]
    assert platform.answered[1] == f"remote-{platform.records[0][0]}"


def test_another_worker_goes_on_where_one_died(platform: ScriptedClient) -> None:
    target = thread("One", "Two", "Three")
    platform.after = [None, Killed()]  # type: ignore[list-item]  # dead once the second part was taken
    with pytest.raises(Killed):
        step(target)
    assert states() == ["live", "sending", "prepared"]
    assert step(target).status == TargetStatus.PUBLISHED
    assert sent(platform) == ["One", "Two", "Three"]


def test_another_worker_goes_on_between_two_parts(platform: ScriptedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    target = thread("One", "Two")
    with monkeypatch.context() as patched:
        patched.setattr("publishing.publish.log.info", lambda *_: kill())
        with pytest.raises(Killed):
            step(target)
    assert states() == ["live", "prepared"]
    assert step(target).status == TargetStatus.PUBLISHED
    assert sent(platform) == ["One", "Two"]


def test_what_a_thread_says_stays_as_it_was_when_its_first_part_was_sent(platform: ScriptedClient) -> None:
    """Premium makes another thread of a long text; that the account pays for it since changes nothing any more."""
    words = " ".join(f"word{number}" for number in range(100))
    target = builders.due(builders.workspace(), content=words, split=True)
    platform.before = [None, NotNow("Later.", retry_after=timedelta(minutes=1))]
    step(target)
    Integration.objects.update(premium=True)
    assert step(target).status == TargetStatus.PUBLISHED
    assert " ".join(sent(platform)) == words
    assert len(sent(platform)) == len(target.live_parts) > 2


def test_the_other_parts_are_known_to_a_look(platform: ScriptedClient) -> None:
    platform.after = [None, Unconfirmed("No answer.")]
    target = step(thread("One", "Two"))
    step(target)
    assert platform.taken is not None
    first, second = Delivery.objects.order_by("part")
    assert platform.taken(first.remote_id)
    assert not platform.taken(second.remote_id)


def test_no_part_is_sent_before_those_before_it_are_live(platform: ScriptedClient) -> None:
    target = thread("One", "Two")
    claim = builders.claimed(target)
    said = [ledger.Prepared(part, f"key-{part}", {}, {"text": "…"}) for part in range(2)]
    _, second = ledger.prepare(claim, said)
    with pytest.raises(RuntimeError):
        ledger.sending(claim, second, now=timezone.now())


def test_what_is_live_in_part_cannot_be_pending(platform: ScriptedClient) -> None:
    target = thread("One", "Two")
    with pytest.raises(IntegrityError), transaction.atomic():
        PostTarget.objects.filter(id=target.id).update(live_parts=["https://example.com/1"])


# In one call -------------------------------------------------------------------------------------------------------


@pytest.fixture
def whole(platform: ScriptedClient) -> ScriptedClient:
    """A platform that takes a thread in one call, all of it or nothing."""
    platform.whole_threads = True
    return platform


def test_it_goes_out_in_one_call_where_the_platform_can(whole: ScriptedClient) -> None:
    target = step(thread("One", "Two", "Three"))
    assert target.status == TargetStatus.PUBLISHED
    assert whole.calls == ["prepare", "publish"]
    assert sent(whole) == ["One", "Two", "Three"]
    assert target.live_parts == [f"https://example.com/{key}" for key, _ in whole.records]
    assert states() == ["live", "live", "live"]


def test_one_call_in_doubt_is_found_with_all_its_parts(whole: ScriptedClient) -> None:
    whole.after = [Unconfirmed("No answer.")]
    target = step(thread("One", "Two"))
    assert states() == ["sending", "prepared"]
    assert step(target).status == TargetStatus.PUBLISHED
    assert len(target.live_parts) == 2
    assert sent(whole) == ["One", "Two"]


def test_one_call_that_is_surely_absent_is_made_again(whole: ScriptedClient) -> None:
    whole.before = [Unconfirmed("No answer.")]
    target = step(thread("One", "Two"))
    assert step(target).status == TargetStatus.PUBLISHED
    assert sent(whole) == ["One", "Two"]
    assert whole.calls == ["prepare", "publish", "find", "publish"]


def test_keys_stay_the_same_from_try_to_try(whole: ScriptedClient) -> None:
    whole.before = [NotNow("Later.")]
    target = step(thread("One", "Two"))
    keys = list(Delivery.objects.order_by("part").values_list("key", flat=True))
    step(target)
    assert [key for key, _ in whole.records] == keys


def test_under_a_foreign_record_all_of_it_gets_another_key(whole: ScriptedClient) -> None:
    whole.before = [Unconfirmed("No answer.")]
    whole.looks = [Rejected("Something else stands there.", code="key_taken")]
    target = step(thread("One", "Two"))
    old = Delivery.objects.get(part=0).key
    step(target)
    assert (target.status, target.error_code) == (TargetStatus.FAILED, "key_taken")
    actions.publish_now(post=target.post)
    assert step(target).status == TargetStatus.PUBLISHED
    assert old not in [key for key, _ in whole.records]
    assert sent(whole) == ["One", "Two"]


def test_an_answer_that_came_late_is_kept_for_all_parts(whole: ScriptedClient) -> None:
    target = thread("One", "Two")
    claim = builders.claimed(target)
    said = [
        ledger.Prepared(0, "key-0", {}, {"keys": ["key-0", "key-1"], "thread": [{"text": "One"}, {"text": "Two"}]}),
        ledger.Prepared(1, "key-1", {}, {}),
    ]
    first, _ = ledger.prepare(claim, said)
    ledger.sending(claim, first, now=timezone.now())
    published = whole.publish(None, first.payload, key="key-0", after=None)  # type: ignore[arg-type]
    late = Try(claim, timezone.now())
    conclude(late, Unconfirmed("No answer.", code="answer_lost"))  # the lease goes to somebody else
    ledger.record_late(late, first, published, now=timezone.now())
    assert step(target).status == TargetStatus.PUBLISHED
    assert target.live_parts == ["https://example.com/key-0", "https://example.com/key-1"]
    assert whole.calls == ["publish"]


# A person's word ----------------------------------------------------------------------------------------------------


def test_a_persons_word_that_a_part_is_live_lets_the_rest_go_out(platform: ScriptedClient) -> None:
    target = unknown(platform, content="One", thread=["Two"])
    assert states() == ["sending", "prepared"]
    url = "https://x.com/somebody/status/1790001"
    resolve.live(target=target, url=url)
    target.refresh_from_db()
    assert (target.status, target.live_parts) == (TargetStatus.PUBLISHING, [url])
    assert step(target).status == TargetStatus.PUBLISHED
    assert target.platform_post_url == url
    assert sent(platform) == ["One", "Two"]
    assert platform.answered[-1] == "1790001"


def test_a_persons_word_that_a_later_part_is_not_there_sends_it_again(platform: ScriptedClient) -> None:
    platform.before = [None, Unconfirmed("No answer.")]
    platform.looks = [NotNow("It is down.")] * 20
    target = step(thread("One", "Two"))
    while target.status != TargetStatus.FAILED:
        step(target)
    assert (target.error_code, target.in_doubt) == ("outcome_unknown", True)
    resolve.absent(target=target)
    target.refresh_from_db()
    assert target.status == TargetStatus.PUBLISHING
    assert step(target).status == TargetStatus.PUBLISHED
    assert sent(platform) == ["One", "Two"]


def test_two_parts_are_not_at_one_address(platform: ScriptedClient) -> None:
    platform.before = [None, Unconfirmed("No answer.")]
    platform.looks = [NotNow("It is down.")] * 20
    target = step(thread("One", "Two", "Three"))
    while target.status != TargetStatus.FAILED:
        step(target)
    before = list(target.live_parts)
    first = Delivery.objects.get(part=0)
    with pytest.raises(ApiError, match="recorded as live there"):
        resolve.live(target=target, url=f"https://x.com/somebody/status/{first.remote_id}")
    target.refresh_from_db()
    assert (target.status, target.live_parts) == (TargetStatus.FAILED, before)
    assert states() == ["live", "sending", "prepared"]


def test_a_part_of_another_thread_is_at_no_address_of_ours(platform: ScriptedClient) -> None:
    other = step(thread("One", "Two"))
    assert other.status == TargetStatus.PUBLISHED
    target = unknown(platform, other.post.workspace)
    second = Delivery.objects.get(target=other, part=1)
    with pytest.raises(ApiError, match=str(other.post_id)):
        resolve.live(target=target, url=f"https://x.com/somebody/status/{second.remote_id}")


def test_a_thread_of_one_call_is_under_our_keys_or_nowhere(whole: ScriptedClient) -> None:
    target = unknown(whole, content="One", thread=["Two"], platforms=["bluesky"])
    with pytest.raises(ApiError, match=Delivery.objects.get(part=0).key):
        resolve.live(target=target, url="https://bsky.app/profile/somebody/post/3kabcdefgh222")
    target.refresh_from_db()
    assert (target.status, target.live_parts) == (TargetStatus.FAILED, [])


def test_a_persons_word_on_one_call_covers_all_its_parts(whole: ScriptedClient) -> None:
    target = unknown(whole, content="One", thread=["Two"], platforms=["bluesky"])
    first, second = Delivery.objects.order_by("part")
    url = f"https://bsky.app/profile/somebody/post/{first.key}"
    resolve.live(target=target, url=url)
    target.refresh_from_db()
    assert target.status == TargetStatus.PUBLISHED
    assert target.live_parts == [url, f"https://bsky.app/profile/somebody/post/{second.key}"]


def test_the_sandbox_network_shows_the_thread() -> None:
    target = step(thread("One", "Two"))
    assert target.status == TargetStatus.PUBLISHED
    page = builders.ApiClient().get(target.live_parts[1].partition("8000")[2]).content.decode()
    assert page.index("One") < page.index("Two")
    assert Attempt.objects.filter(target=target).count() == 1
    assert Post.objects.get().status == "published"
