"""What may be live is never edited, cancelled or sent again blindly, and never asked about without end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from integrations.models import Integration, IntegrationStatus
from integrations.platforms.client import Published
from integrations.platforms.errors import Disconnected, NotNow, Rejected, Unconfirmed
from openpost.api.errors import ApiError
from posts import actions, lifecycle
from posts.models import PostStatus, PostTarget, TargetStatus
from posts.words import Words
from publishing import publish as engine
from publishing import retry
from publishing.models import Attempt, Delivery, DeliveryState, Outcome
from tests import builders

from .engine import ScriptedClient, step, unknown

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [lambda post: actions.edit(post=post, words=Words(content="Other words")), lambda post: actions.cancel(post=post)],
)
def test_what_may_be_live_cannot_be_changed_by_publishing_again(
    platform: ScriptedClient, change: Callable[..., object]
) -> None:
    target = unknown(platform)
    actions.publish_now(post=target.post)
    with pytest.raises(ApiError):
        change(target.post)
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert len(platform.records) == 1


def test_a_database_error_after_the_platform_accepted_leaves_it_in_doubt(
    platform: ScriptedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = lifecycle.live
    struck: list[bool] = []

    def broken(*args: object, **kwargs: object) -> bool:
        if not struck:
            struck.append(True)
            raise OperationalError("the server closed the connection")
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(lifecycle, "live", broken)
    target = step(builders.due(builders.workspace()))
    assert (target.status, target.in_doubt) == (TargetStatus.PUBLISHING, True)
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert len(platform.records) == 1


@pytest.mark.parametrize("again", [NotNow, Unconfirmed])
def test_it_does_not_send_again_without_end(platform: ScriptedClient, again: type[Exception]) -> None:
    platform.before = [Unconfirmed("No answer."), *(again("No.") for _ in range(200))]
    target = builders.due(builders.workspace())
    for _ in range(200):
        step(target)
        if target.status == TargetStatus.FAILED:
            break
    assert (target.status, target.error_code) == (TargetStatus.FAILED, "outcome_unknown")
    assert platform.calls.count("publish") == retry.TRIES


@pytest.mark.parametrize("words", ["NUL \0 here", "half a \ud83d pair", "x" * 5000])
@pytest.mark.parametrize("error", [Rejected, NotNow, Unconfirmed])
def test_no_words_of_a_platform_keep_a_target_from_its_next_state(
    platform: ScriptedClient, words: str, error: type[Exception]
) -> None:
    platform.before = [error(words, detail=words, code="c" * 80)]  # type: ignore[call-arg]
    target = step(builders.due(builders.workspace()))
    assert target.error_message
    assert Attempt.objects.filter(target=target).exists()


def test_no_wait_a_platform_names_is_too_long(platform: ScriptedClient) -> None:
    platform.before = [NotNow("Later.", retry_after=timedelta(days=1_000_000))]
    target = step(builders.due(builders.workspace()))
    assert target.status == TargetStatus.PENDING


def test_a_key_under_which_something_else_stands_is_dropped(platform: ScriptedClient) -> None:
    platform.before = [Unconfirmed("No answer.")]
    platform.looks = [Rejected("Another post stands there.", code="key_taken")]
    target = builders.due(builders.workspace())
    step(target)
    key = Delivery.objects.get(target=target).key
    step(target)
    assert (target.status, target.error_code, target.in_doubt) == (TargetStatus.FAILED, "key_taken", False)
    actions.publish_now(post=target.post)
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert Delivery.objects.get(target=target).key != key


def test_an_answer_that_comes_after_a_take_over_is_kept_as_evidence(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())

    def meanwhile() -> None:
        platform.on_publish = None
        builders.claimed(target)

    platform.on_publish = meanwhile
    step(target)
    target.post.refresh_from_db()
    assert target.post.status == PostStatus.PUBLISHING
    late = Attempt.objects.get(target=target)
    assert (late.outcome, late.code) == (Outcome.UNCONFIRMED, "lease_lost")
    assert "https://example.com/" in late.detail


def test_a_late_word_about_an_old_token_leaves_a_new_connection_alone(platform: ScriptedClient) -> None:
    """A person connects the account anew while a call with the old token is under way."""
    target = builders.due(builders.workspace())

    def reconnect() -> None:
        Integration.objects.update(connected_at=timezone.now(), credentials={"access_token": "the-new-token"})

    platform.on_publish = reconnect
    platform.before = [Disconnected("Access was revoked.", detail="Bearer the-new-token")]
    step(target)
    target.integration.refresh_from_db()
    assert target.integration.status == IntegrationStatus.ACTIVE
    assert "the-new-token" not in Attempt.objects.get(target=target).detail


def test_a_secret_in_a_platforms_sentence_is_not_shown(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    Integration.objects.update(credentials={"access_token": "s3cr3t-token"})
    platform.before = [Rejected("Token s3cr3t-token is bad.")]
    step(target)
    assert "s3cr3t" not in target.error_message
    assert "s3cr3t" not in Attempt.objects.get(target=target).message


def test_a_secret_in_an_exception_is_not_logged(platform: ScriptedClient, caplog: pytest.LogCaptureFixture) -> None:
    target = builders.due(builders.workspace())
    Integration.objects.update(credentials={"access_token": "s3cr3t-token"})
    platform.before = [KeyError("Authorization: Bearer s3cr3t-token")]
    step(target)
    assert "KeyError" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_a_platform_that_reads_late_must_show_nothing_several_times(
    platform: ScriptedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScriptedClient, "absences", 3)
    platform.before = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))
    for _ in range(2):
        step(target)
        assert (target.status, target.error_code) == (TargetStatus.PUBLISHING, "unconfirmed")
        assert platform.records == []
    step(target)
    assert target.status == TargetStatus.PUBLISHED
    assert platform.calls == ["prepare", "publish", "find", "find", "find", "publish"]


def test_looks_before_an_answer_can_be_trusted_do_not_count_towards_sending_again(
    platform: ScriptedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScriptedClient, "absent_after", timedelta(minutes=1))
    platform.before = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))
    for _ in range(4):
        step(target)
    assert target.status == TargetStatus.PUBLISHING
    assert platform.calls.count("publish") == 1


def test_after_another_call_it_is_looked_up_soon_again(platform: ScriptedClient) -> None:
    """The looks of an earlier call, which came to be far apart, say nothing of this one."""
    platform.looks = [NotNow("Busy.") for _ in range(6)]
    platform.before = [Unconfirmed("No answer."), Unconfirmed("No answer.")]
    target = builders.due(builders.workspace())
    for _ in range(8):
        step(target)
    assert platform.calls.count("publish") == 2
    assert target.due_at is not None
    assert target.due_at < timezone.now() + timedelta(seconds=5)


def test_each_call_begins_the_looks_anew(platform: ScriptedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScriptedClient, "absences", 2)
    platform.before = [Unconfirmed("No answer."), Unconfirmed("No answer.")]
    target = builders.due(builders.workspace())
    for _ in range(3):
        step(target)
    assert platform.calls.count("publish") == 2
    step(target)
    assert platform.calls.count("publish") == 2, "one look after the second call is not enough"
    step(target)
    assert target.status == TargetStatus.PUBLISHED


def test_it_knows_which_posts_there_are_other_posts_of_ours(platform: ScriptedClient) -> None:
    room = builders.workspace()
    other = step(builders.due(room))
    platform.after = [Unconfirmed("No answer.")]
    target = step(builders.due(room))
    step(target)
    assert platform.taken is not None
    assert platform.taken(other.platform_post_id)
    assert not platform.taken(target.platform_post_id)


def test_standing_in_line_uses_up_no_looks(platform: ScriptedClient) -> None:
    platform.after = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))
    looks = Delivery.objects.get(target=target).looks
    platform.looks = [NotNow("Another worker renews its token.", waiting=True, retry_after=timedelta(seconds=1))]
    step(target)
    assert target.status == TargetStatus.PUBLISHING
    assert Delivery.objects.get(target=target).looks == looks


def test_after_what_was_absent_and_too_late_the_words_of_an_edit_are_sent(platform: ScriptedClient) -> None:
    """The frozen payload is not kept beyond the doubt it was frozen for."""
    platform.before = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))
    PostTarget.objects.update(wanted_at=timezone.now() - timedelta(days=3))
    assert step(target).error_code == "missed"
    assert Delivery.objects.get(target=target).state == DeliveryState.PREPARED
    actions.publish_now(post=target.post)
    actions.edit(post=target.post, words=Words(content="Other words"))
    step(target)
    assert [text for _, text in platform.records] == ["Other words"]


def test_no_refusal_before_the_look_ends_a_doubt(platform: ScriptedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.after = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))

    def gone(_integration: Integration) -> ScriptedClient:
        raise Rejected("Not available.", code="platform_not_available")

    with monkeypatch.context() as patched:
        patched.setattr(engine, "client_for", gone)
        step(target)
    assert (target.status, target.in_doubt) == (TargetStatus.PUBLISHING, True)
    assert step(target).status == TargetStatus.PUBLISHED
    assert len(platform.records) == 1


def die(target: PostTarget) -> None:
    """A worker takes it up and is never heard of again."""
    builders.claimed(target)
    PostTarget.objects.filter(id=target.id).update(due_at=timezone.now())


def test_what_ends_every_worker_is_given_to_no_more_of_them(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    for _ in range(retry.TRIES):
        die(target)
    step(target)
    assert (target.status, target.error_code) == (TargetStatus.FAILED, "workers_lost")
    assert platform.calls == []


def test_a_look_that_ends_every_worker_is_left_to_a_person(platform: ScriptedClient) -> None:
    platform.after = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))
    for _ in range(retry.TRIES + 1):
        die(target)
    step(target)
    assert (target.status, target.error_code, target.in_doubt) == (TargetStatus.FAILED, "outcome_unknown", True)
    assert len(platform.records) == 1


def test_a_worker_that_is_killed_now_and_then_is_no_reason_to_give_up(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    for _ in range(retry.TRIES - 1):
        die(target)
    assert step(target).status == TargetStatus.PUBLISHED


def test_an_answer_that_came_too_late_is_not_asked_for_again(platform: ScriptedClient) -> None:
    """Whoever takes over finds it in the ledger, whatever the platform shows."""
    target = builders.due(builders.workspace())
    platform.on_publish = lambda: die(target)
    step(target)
    platform.on_publish = None
    platform.records.clear()
    assert step(target).status == TargetStatus.PUBLISHED
    assert platform.calls == ["prepare", "publish"]


def test_an_answer_that_comes_while_another_worker_looks_is_not_sent_over(platform: ScriptedClient) -> None:
    """Between the look and the next call the answer to the first one arrives at the worker that had lost its lease."""
    platform.before = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))

    def answer() -> None:
        Delivery.objects.update(remote_id="theirs", url="https://example.com/theirs")

    platform.on_find = answer
    step(target)
    assert (target.status, target.in_doubt) == (TargetStatus.PUBLISHING, True)
    assert step(target).platform_post_id == "theirs"
    assert platform.records == []


def test_a_doubt_is_looked_up_while_the_account_rests_and_nothing_is_sent_meanwhile(platform: ScriptedClient) -> None:
    room = builders.workspace()
    platform.before = [Unconfirmed("No answer.")]
    target = step(builders.due(room))
    until = timezone.now() + timedelta(hours=1)
    Integration.objects.update(resting_until=until)
    step(target)
    assert platform.calls == ["prepare", "publish", "find"]
    assert (target.status, target.in_doubt, target.due_at) == (TargetStatus.PUBLISHING, True, target.due_at)
    assert target.due_at is not None
    assert abs(target.due_at - until) < timedelta(seconds=5), "it is absent, and sent when the account may"
    Integration.objects.update(resting_until=None)
    assert step(target).status == TargetStatus.PUBLISHED


def test_it_does_not_take_for_its_own_what_is_just_being_sent_for_another(
    platform: ScriptedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words, twice from one account, at a platform that knows no keys: a look shows what is in the air."""
    room = builders.workspace()
    platform.before = [Unconfirmed("No answer.")]
    first, second = step(builders.due(room)), builders.due(room)
    seen: list[str] = []

    def find(*_: object, **__: object) -> Published:
        return Published("theirs", "https://example.com/theirs")

    def meanwhile() -> None:
        platform.on_publish = None
        Delivery.objects.update(fingerprint="the same")
        with monkeypatch.context() as patched:
            patched.setattr(platform, "find", find)
            seen.append(step(first).status)

    platform.on_publish = meanwhile
    step(second)
    assert seen == [TargetStatus.PUBLISHING]
    assert second.status == TargetStatus.PUBLISHED


def test_what_a_look_found_and_another_has_taken_meanwhile_is_not_ours(
    platform: ScriptedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = builders.workspace()
    other = step(builders.due(room))
    platform.before = [Unconfirmed("No answer.")]
    target = step(builders.due(room))
    with monkeypatch.context() as patched:
        patched.setattr(platform, "find", lambda *_, **__: Published(other.platform_post_id, "https://example.com/x"))
        step(target)
    assert (target.status, target.error_code) == (TargetStatus.PUBLISHING, "unconfirmed")
    assert step(target).status == TargetStatus.PUBLISHED, "absent, and sent"


def test_a_place_that_another_post_has_taken_is_for_a_person_to_sort_out(platform: ScriptedClient) -> None:
    room = builders.workspace()
    other, target = step(builders.due(room)), builders.due(room)

    def taken_meanwhile() -> None:
        key = Delivery.objects.get(target=target).key
        PostTarget.objects.filter(id=other.id).update(platform_post_id=f"remote-{key}")

    platform.on_publish = taken_meanwhile
    step(target)
    assert (target.status, target.error_code, target.in_doubt) == (TargetStatus.FAILED, "outcome_unknown", True)
    assert platform.calls.count("publish") == 2, "nothing is sent again"


def test_what_may_be_live_of_an_account_that_left_us_says_so(platform: ScriptedClient) -> None:
    platform.after = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))
    Integration.objects.update(status=IntegrationStatus.NEEDS_REFRESH)
    step(target)
    assert (target.status, target.error_code) == (TargetStatus.PUBLISHING, "account_disconnected")
    assert target.error_message.startswith("It may be live already")


def test_the_evidence_says_that_it_was_found(platform: ScriptedClient) -> None:
    platform.after = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))
    step(target)
    assert "nothing was sent again" in Attempt.objects.filter(target=target, outcome=Outcome.LIVE).get().message


def _not_taken() -> NotNow:
    return NotNow("It does not know the file.", code="media_not_taken")


def test_what_is_absent_and_whose_files_were_forgotten_is_prepared_anew(platform: ScriptedClient) -> None:
    """The same files would be refused until a person is asked."""
    platform.before = [Unconfirmed("No answer."), _not_taken()]
    target = step(builders.due(builders.workspace()))
    before = Delivery.objects.get(target=target).payload
    assert step(target).in_doubt, "the repetition was refused, of the first call nobody knows"
    assert Delivery.objects.get(target=target).payload == before
    assert step(target).status == TargetStatus.PUBLISHED
    assert platform.calls == ["prepare", "publish", "find", "publish", "find", "prepare", "publish"]
    assert Delivery.objects.get(target=target).payload != before
    assert len(platform.records) == 1


def test_what_shows_after_its_repetition_was_refused_for_its_files_is_live(platform: ScriptedClient) -> None:
    """A platform may refuse files because a post has them already: ours."""
    platform.after = [Unconfirmed("No answer.")]
    target = step(builders.due(builders.workspace()))
    (hidden,) = platform.records
    platform.records, platform.before = [], [_not_taken()]
    step(target)
    platform.records = [hidden]
    assert step(target).status == TargetStatus.PUBLISHED
    assert platform.calls == ["prepare", "publish", "find", "publish", "find"]


def test_the_files_of_one_part_say_nothing_of_another(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace(), content="One", thread=["Two"])
    platform.before = [_not_taken(), None, Unconfirmed("No answer.")]
    step(target)
    step(target)
    assert (len(target.live_parts), target.in_doubt) == (1, True)
    assert step(target).status == TargetStatus.PUBLISHED
    assert platform.calls.count("prepare") == 2
    assert [text for _, text in platform.records] == ["One", "Two"]
