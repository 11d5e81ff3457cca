"""From the API over beat and worker to the sandbox network: real processes, real clock."""

import signal
from datetime import UTC, datetime, timedelta

import requests

from .stack import Program, Stack


def now() -> str:
    return datetime.now(UTC).isoformat()


def create(program: Program, content: str, *, at: str | None = None, platforms: tuple[str, ...] = ("twitter",)) -> str:
    body = {"content": content, "platforms": list(platforms), "schedule_at": at}
    created = program.call("POST", "/v1/posts", body, status=201)
    post_id: str = created["id"]
    return post_id


def pages(post: dict[str, object]) -> list[str]:
    targets = post["post_targets"]
    assert isinstance(targets, list)
    return [requests.get(target["platform_post_url"], timeout=30).text for target in targets]


def test_a_draft_that_is_published_now_is_live_on_every_platform(program: Program) -> None:
    post_id = create(program, "Grüße 🎉 <b>world</b>", platforms=("twitter", "bluesky"))
    program.call("POST", f"/v1/posts/{post_id}/publish", status=202)
    post = program.wait(post_id, "published")
    for page in pages(post):
        assert "Grüße 🎉 &lt;b&gt;world&lt;/b&gt;" in page
        assert "<dd>once</dd>" in page


def test_a_post_whose_answer_is_lost_is_found_and_not_sent_again(program: Program) -> None:
    post = program.wait(create(program, "Lost #sandbox-lost", at=now()), "published")
    assert "<dd>once</dd>" in pages(post)[0]


def test_a_refused_post_says_why(program: Program) -> None:
    post = program.wait(create(program, "No #sandbox-reject", at=now()), "failed")
    error = post["post_targets"][0]["error"]
    assert error["code"] == "rejected"
    assert error["next_attempt_at"] is None


def test_a_post_goes_out_after_the_platform_was_down(program: Program) -> None:
    post = program.wait(create(program, "Down #sandbox-down-2", at=now(), platforms=("mastodon",)), "published")
    assert post["post_targets"][0]["error"] is None


def test_a_rate_limited_account_goes_on_by_itself(program: Program) -> None:
    post_id = create(program, "Slow down #sandbox-ratelimit", at=now(), platforms=("threads",))
    program.wait(post_id, "published")


def test_a_revoked_account_is_marked_and_can_be_connected_again(program: Program, stack: Stack) -> None:
    post = program.wait(create(program, "#sandbox-revoked", at=now(), platforms=("linkedin",)), "failed")
    assert post["post_targets"][0]["error"]["code"] == "account_disconnected"
    body = {"content": "Next", "platforms": ["linkedin"], "schedule_at": now()}
    answer = program.session.post(f"{stack.url}/v1/posts", json=body, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (400, "integration_not_active")


def test_a_scheduled_post_goes_out_at_its_time(program: Program) -> None:
    """The dispatcher's way: a time that has come without anybody's hint."""
    at = datetime.now(UTC) + timedelta(seconds=61)
    post = program.wait(create(program, "At its time", at=at.isoformat()), "published", within=150)
    late = (datetime.fromisoformat(post["published_at"]) - at).total_seconds()
    assert 0 <= late < 30


def test_another_worker_takes_over_from_one_that_was_killed(program: Program, stack: Stack) -> None:
    post_id = create(program, "Killed #sandbox-slow", at=now(), platforms=("facebook",))
    program.wait(post_id, "publishing")
    stack.end("worker", signal.SIGKILL)
    stack.begin("worker")
    post = program.wait(post_id, "published", within=120)
    assert "<dd>once</dd>" in pages(post)[0]
