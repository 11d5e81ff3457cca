"""Every pair of a status and a verb: it moves as the table says, or changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations import rests
from posts import lifecycle, turns
from posts.lifecycle import Claim, Failure, HandedOff
from posts.models import Post, PostTarget
from posts.status import MOVES, TargetStatus, follow
from tests import builders

pytestmark = pytest.mark.django_db

#: What only an unknown outcome can go through has tests of its own.
LATER = {"pause", "resolve_live", "resolve_absent", "resolve_part", "retry_begun"}
FAILURE = Failure("code", "Sentence.")


def standing(status: str) -> PostTarget:
    """A target of that status, reached as the product reaches it."""
    workspace = builders.workspace()
    made: dict[str, Callable[..., Any]] = {
        "pending": builders.due,
        "publishing": builders.publishing,
        "published": builders.published,
        "failed": builders.failed,
    }
    built = made[status](workspace)
    return built if isinstance(built, PostTarget) else builders.target(built)


def claim_of(target: PostTarget) -> Claim:
    return Claim(target.id, target.post_id, target.attempts, False)


def take(target: PostTarget) -> bool:
    token = target.due_at or timezone.now()
    PostTarget.objects.filter(id=target.id).exclude(due_at=None).update(in_hand=True)
    return lifecycle.claim(target_id=target.id, token=token, now=timezone.now()) is not None


def retry(target: PostTarget) -> bool:
    with transaction.atomic():
        return bool(lifecycle.retry(lifecycle.lock(target.post_id), now=timezone.now()))


def suspect(target: PostTarget) -> bool:
    with transaction.atomic():
        post = lifecycle.lock(target.post_id)
        return bool(lifecycle.suspect(post, [target.id], failure=FAILURE, now=timezone.now()))


#: Functions of several verbs: they choose by the status they find.
SEVERAL: dict[Callable[[PostTarget], bool], tuple[str, ...]] = {
    take: ("claim", "take_over"),
    suspect: ("suspect", "suspect_begun"),
}
VERBS: dict[str, Callable[[PostTarget], bool]] = {
    "claim": take,
    "take_over": take,
    "live": lambda it: lifecycle.live(claim_of(it), remote_id="1", urls=["https://e.com/1"], now=timezone.now()),
    "part_live": lambda it: lifecycle.part_live(claim_of(it), urls=["https://e.com/1"], now=timezone.now()),
    "postpone": lambda it: lifecycle.postpone(
        claim_of(it), until=builders.soon(), failure=FAILURE, failures=1, now=timezone.now()
    ),
    "doubt": lambda it: lifecycle.doubt(claim_of(it), next_look=builders.soon(), failure=FAILURE, now=timezone.now()),
    "fail": lambda it: lifecycle.fail(claim_of(it), failure=FAILURE, now=timezone.now()),
    "retry": retry,
    "suspect": suspect,
    "suspect_begun": suspect,
}


def row(target: PostTarget) -> dict[str, Any]:
    found: Any = PostTarget.objects.filter(id=target.id).values().get()
    return dict(found)


def test_what_may_be_live_is_looked_up_when_it_is_tried_again() -> None:
    target = standing("publishing")
    assert lifecycle.fail(claim_of(target), failure=FAILURE, now=timezone.now(), in_doubt=True)
    assert retry(target)
    target.refresh_from_db()
    assert (target.status, target.in_doubt) == (MOVES["retry_begun"][1], True)
    assert target.due_at is not None


def part_live() -> PostTarget:
    target = standing("publishing")
    assert lifecycle.part_live(claim_of(target), urls=["https://e.com/1"], now=timezone.now())
    return target


def test_what_is_live_in_part_never_becomes_pending_again() -> None:
    later, now = builders.soon(), timezone.now()
    target = part_live()
    assert lifecycle.postpone(claim_of(target), until=later, failure=FAILURE, failures=1, now=now)
    target.refresh_from_db()
    assert (target.status, target.due_at, target.in_hand) == (MOVES["pause"][1], later, False)
    target.post.refresh_from_db()
    assert target.post.status == "publishing", "nobody edits or cancels it"

    failed = part_live()
    assert lifecycle.fail(claim_of(failed), failure=FAILURE, now=now)
    assert retry(failed)
    failed.refresh_from_db()
    assert (failed.status, failed.live_parts) == (MOVES["retry_begun"][1], ["https://e.com/1"])


def test_a_persons_word_on_one_part_lets_the_rest_go_out() -> None:
    target, now = part_live(), timezone.now()
    urls = ["https://e.com/1", "https://e.com/2"]
    assert lifecycle.fail(claim_of(target), failure=FAILURE, now=now, in_doubt=True)
    with transaction.atomic():
        post = lifecycle.lock(target.post_id)
        assert lifecycle.resolve_part(post, target.id, urls=urls, failure=FAILURE, now=now)
        assert not lifecycle.resolve_part(post, target.id, urls=urls, failure=FAILURE, now=now)
    target.refresh_from_db()
    assert (target.status, target.in_doubt, target.live_parts) == (MOVES["resolve_part"][1], False, urls)
    assert target.due_at == now


def test_it_has_a_test_for_every_verb() -> None:
    assert set(VERBS) | LATER == set(MOVES)


@pytest.mark.parametrize("status", TargetStatus.values)
@pytest.mark.parametrize("verb", VERBS)
def test_it_moves_as_the_table_says_or_changes_nothing(status: str, verb: str) -> None:
    target = standing(status)
    before, post_before = row(target), Post.objects.values().get(id=target.post_id)
    legal = {MOVES[name] for name in SEVERAL.get(VERBS[verb], (verb,))}
    ends = [new for old, new in legal if old == status]

    moved = VERBS[verb](target)

    assert moved == bool(ends)
    if not ends:
        assert row(target) == before
        assert Post.objects.values().get(id=target.post_id) == post_before
        return
    after = row(target)
    assert after["status"] == ends[0]
    assert Post.objects.get(id=target.post_id).status == follow([after["status"]])
    assert (after["due_at"] is None) == (after["status"] in ("published", "failed"))


@pytest.mark.parametrize("verb", ["live", "postpone", "doubt", "fail"])
def test_it_changes_nothing_for_a_worker_that_lost_its_lease(verb: str) -> None:
    target = standing("publishing")
    old = PostTarget.objects.get(id=target.id)
    assert take(target)
    before = row(target)

    assert not VERBS[verb](old)
    assert not lifecycle.hold(claim_of(old))
    assert lifecycle.extend([claim_of(old)], now=builders.soon()) == 0

    assert row(target) == before


@pytest.mark.parametrize("status", ["publishing", "published", "failed"])
def test_it_gives_a_clock_to_pending_targets_only(status: str) -> None:
    target = standing(status)
    before = row(target)
    with transaction.atomic():
        lifecycle.include(lifecycle.lock(target.post_id), due_at=builders.soon())

    assert row(target) == before


def test_it_finds_nothing_for_a_hint_that_is_out_of_date() -> None:
    target = standing("pending")
    token = target.due_at
    assert token is not None
    later = builders.soon(days=1)
    with transaction.atomic():
        lifecycle.schedule(lifecycle.lock(target.post_id), at=later, due_at=later)

    assert lifecycle.claim(target_id=target.id, token=token, now=timezone.now()) is None


def test_it_hands_a_row_off_once_and_again_when_no_worker_came() -> None:
    target = standing("pending")
    now = timezone.now()

    (handed,) = lifecycle.hand_off(now=now, most=10)

    assert handed == HandedOff(target.id, now + lifecycle.HAND_OFF, "twitter")
    assert lifecycle.hand_off(now=now, most=10) == []
    assert len(lifecycle.hand_off(now=handed.token, most=10)) == 1


def test_a_message_that_was_late_is_as_good_as_the_next_one_and_only_one_of_them_counts() -> None:
    """Else a queue longer than the hand-off would hold nothing but messages that are too late."""
    standing("pending")
    (first,) = lifecycle.hand_off(now=timezone.now(), most=10)
    (second,) = lifecycle.hand_off(now=first.token, most=10)
    assert lifecycle.claim(target_id=first.target_id, token=first.token, now=timezone.now())
    assert lifecycle.claim(target_id=second.target_id, token=second.token, now=timezone.now()) is None


def test_a_message_for_what_a_worker_works_on_takes_nothing_from_it() -> None:
    standing("pending")
    (handed,) = lifecycle.hand_off(now=timezone.now(), most=10)
    claim = lifecycle.claim(target_id=handed.target_id, token=handed.token, now=timezone.now())
    assert claim
    assert lifecycle.extend([claim], now=timezone.now()) == 1
    assert lifecycle.claim(target_id=handed.target_id, token=handed.token, now=timezone.now()) is None
    lapsed = timezone.now() + lifecycle.LEASE
    (again,) = lifecycle.hand_off(now=lapsed, most=10)
    assert lifecycle.claim(target_id=again.target_id, token=again.token, now=lapsed)


def test_it_hands_out_only_so_much_of_one_account_at_a_time() -> None:
    room = builders.workspace()
    for _ in range(turns.IN_FLIGHT + 3):
        builders.due(room)
    now = timezone.now()
    handed = lifecycle.hand_off(now=now, most=100)
    assert len(handed) == turns.IN_FLIGHT
    assert lifecycle.hand_off(now=now, most=100) == []
    claim = lifecycle.claim(target_id=handed[0].target_id, token=handed[0].token, now=now)
    assert claim
    assert lifecycle.hand_off(now=now, most=100) == [], "what is being sent counts too"
    assert lifecycle.live(claim, remote_id="1", urls=["https://example.com/1"], now=now)
    assert len(lifecycle.hand_off(now=now, most=100, accounts=[builders.account(room).id])) == 1


def test_what_is_put_off_is_in_nobodys_hands() -> None:
    room = builders.workspace()
    for _ in range(turns.IN_FLIGHT * 2):
        builders.due(room)
    now = timezone.now()
    for handed in lifecycle.hand_off(now=now, most=100):
        claim = lifecycle.claim(target_id=handed.target_id, token=handed.token, now=now)
        assert claim
        lifecycle.postpone(claim, until=now + timedelta(hours=1), failure=FAILURE, failures=1, now=now)
    assert len(lifecycle.hand_off(now=now, most=100)) == turns.IN_FLIGHT


def test_it_passes_by_what_rests() -> None:
    now = timezone.now()
    sandbox, live = builders.workspace(), builders.workspace(mode="live")
    builders.integration(live, "twitter"), builders.integration(live, "bluesky")
    posts = [builders.post(room, platforms=["twitter", "bluesky"], at=now) for room in (sandbox, live)]
    rests.rest_account(builders.account(sandbox, "bluesky"), until=now + timedelta(hours=1))
    rests.rest_platform(
        builders.account(live, "twitter"), until=now + timedelta(hours=1), code="billing", reason="No credit.", now=now
    )
    in_turn = {one.target_id for one in lifecycle.hand_off(now=timezone.now(), most=10)}
    assert in_turn == {builders.target(posts[0], "twitter").id, builders.target(posts[1], "bluesky").id}
    assert len(lifecycle.hand_off(now=now + timedelta(hours=2), most=10)) == 4


def test_what_a_worker_gives_back_may_be_taken_at_once() -> None:
    target = standing("pending")
    now = timezone.now()
    (handed,) = lifecycle.hand_off(now=now, most=10)
    lifecycle.give_back([target.id], token=handed.token, now=now)
    (again,) = lifecycle.hand_off(now=now, most=10)
    claim = lifecycle.claim(target_id=again.target_id, token=again.token, now=now)
    assert claim
    assert lifecycle.let_go(claim, failure=FAILURE, now=now)
    (third,) = lifecycle.hand_off(now=now, most=10)
    taken = lifecycle.claim(target_id=third.target_id, token=third.token, now=now)
    assert taken
    assert not taken.predecessor_died, "it said why it went"
    assert not lifecycle.let_go(claim, failure=FAILURE, now=now)


def test_a_persons_word_settles_only_what_is_unknown() -> None:
    now = timezone.now()
    word: dict[str, Any] = {"remote_id": "1", "urls": ["https://example.com/1"], "published_at": now}
    unknown, refused = standing("publishing"), standing("failed")
    assert lifecycle.fail(claim_of(unknown), failure=FAILURE, now=now, in_doubt=True)
    with transaction.atomic():
        assert not lifecycle.resolve_live(lifecycle.lock(refused.post_id), refused.id, now=now, **word)
        assert not lifecycle.resolve_absent(lifecycle.lock(refused.post_id), refused.id, now=now)
        assert lifecycle.resolve_live(lifecycle.lock(unknown.post_id), unknown.id, now=now, **word)
        assert not lifecycle.resolve_absent(lifecycle.lock(unknown.post_id), unknown.id, now=now)
    unknown.post.refresh_from_db()
    assert unknown.post.status == "published"


def test_it_hands_out_in_turn_across_accounts() -> None:
    many, few = builders.workspace(), builders.workspace()
    for _ in range(5):
        builders.due(many)
    last = builders.due(few)

    handed = lifecycle.hand_off(now=timezone.now(), most=2)

    assert last.id in [one.target_id for one in handed]


def test_it_publishes_the_post_when_its_last_target_goes_live() -> None:
    post = builders.post(builders.workspace(), platforms=["twitter", "bluesky"], at=timezone.now())
    builders.go_live(builders.target(post, "twitter"))
    post.refresh_from_db()
    assert (post.status, post.published_at) == ("publishing", None)

    builders.go_live(builders.target(post, "bluesky"))

    post.refresh_from_db()
    assert (post.status, post.published_at) == ("published", builders.target(post, "bluesky").published_at)


def test_it_finds_what_is_due_by_its_index_however_many_rows_there_are() -> None:
    account = builders.account(builders.workspace())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH made AS (
                INSERT INTO posts_post (id, workspace_id, status, content, platform_overrides, platform_settings, tags,
                                        warnings, scheduled_at, created_at, updated_at)
                SELECT gen_random_uuid(), %s, 'scheduled', 'Hello', '{}', '{}', '{}', '[]', now(), now(), now()
                FROM generate_series(1, 20000) RETURNING id
            )
            INSERT INTO posts_posttarget (id, post_id, integration_id, position, status, due_at, wanted_at, attempts,
                failures, error_code, error_message, error_retryable, in_doubt, platform_post_id, created_at,
                updated_at)
            SELECT gen_random_uuid(), id, %s, 0, 'pending',
                   CASE WHEN random() < 0.5 THEN now() + interval '9 days' * (1 + random()) END, now(),
                   0, 0, '', '', false, false, '', now(), now() FROM made
            """,
            [account.workspace_id, account.id],
        )
        cursor.execute("ANALYZE posts_post, posts_posttarget")
        builders.due(account.workspace)
        with CaptureQueriesContext(connection) as queries:
            assert len(lifecycle.hand_off(now=timezone.now() + timedelta(seconds=1), most=500)) == 1
        (sweep,) = [query["sql"] for query in queries if "SKIP LOCKED" in query["sql"]]
        cursor.execute(f"EXPLAIN {sweep}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "target_due" in plan
    assert "Seq Scan on posts_posttarget" not in plan, plan
