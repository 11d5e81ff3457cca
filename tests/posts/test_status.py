"""The map of statuses: pure, no database."""

import itertools

import pytest

from posts.status import MOVES, PostStatus, TargetStatus, follow

PENDING, PUBLISHING, PUBLISHED, FAILED = "pending", "publishing", "published", "failed"


@pytest.mark.parametrize(
    ("targets", "status"),
    [
        ([PENDING], "scheduled"),
        ([PUBLISHING], "publishing"),
        ([PUBLISHED], "published"),
        ([FAILED], "failed"),
        ([PENDING, PUBLISHING], "publishing"),
        ([PENDING, PUBLISHED], "publishing"),
        ([PENDING, FAILED], "publishing"),
        ([PUBLISHING, PUBLISHED], "publishing"),
        ([PUBLISHING, FAILED], "publishing"),
        ([PUBLISHED, FAILED], "failed"),
        ([PENDING, PUBLISHING, PUBLISHED], "publishing"),
        ([PENDING, PUBLISHING, FAILED], "publishing"),
        ([PENDING, PUBLISHED, FAILED], "publishing"),
        ([PUBLISHING, PUBLISHED, FAILED], "publishing"),
        ([PENDING, PUBLISHING, PUBLISHED, FAILED], "publishing"),
    ],
)
def test_it_follows_the_targets_whatever_their_order_and_number(targets: list[str], status: str) -> None:
    for order in itertools.permutations(targets):
        assert follow(order) == status
        assert follow([*order, *order]) == status


def test_it_has_the_closed_lists_of_the_api() -> None:
    assert set(PostStatus.values) == {"draft", "scheduled", "publishing", "published", "failed"}
    assert set(TargetStatus.values) == {PENDING, PUBLISHING, PUBLISHED, FAILED}


def test_it_never_leaves_published() -> None:
    assert [verb for verb, (old, _) in MOVES.items() if old == PUBLISHED] == []


def test_it_reaches_published_only_from_a_worker_or_a_person_who_looked() -> None:
    assert {verb for verb, (_, new) in MOVES.items() if new == PUBLISHED} == {"live", "resolve_live"}
