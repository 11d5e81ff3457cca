"""From the API over beat and worker to somebody's program, and to the feed: real processes, real clock."""

import signal
import time
from collections.abc import Callable

from tests.publishing.webhooks.receiver import Answer, Received, Receiver

from .stack import Program, Stack
from .test_sandbox import create, now


def until(true: Callable[[], object], seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def told_of(receiver: Receiver, post_id: str) -> list[str]:
    return [one.event for one in receiver.received if one.data.get("post_id") == post_id]


def test_a_program_is_told_what_became_of_its_posts(program: Program) -> None:
    with Receiver() as receiver:
        webhook = program.call("POST", "/v1/webhooks", {"url": receiver.url}, status=201)
        receiver.secret = webhook["secret"]
        program.call("POST", f"/v1/webhooks/{webhook['id']}/test", status=202)
        until(lambda: "webhook.test" in receiver.events())

        good = create(program, "Told of", at=now())
        bad = create(program, "Told of #sandbox-reject", at=now(), platforms=("mastodon",))
        # Posts that other tests left behind may be told of, too.
        until(lambda: [told_of(receiver, post)[-1:] for post in (good, bad)].count(["post.completed"]) == 2)

        told = {post: [one for one in receiver.received if one.data.get("post_id") == post] for post in (good, bad)}
        assert [one.event for one in told[good]] == ["post.published", "post.completed"]
        assert [one.event for one in told[bad]] == ["post.failed", "post.completed"]
        assert not receiver.refused
        url = program.call("GET", f"/v1/posts/{good}", status=200)["post_targets"][0]["platform_post_url"]
        assert told[good][0].data["platform_post_url"] == url

        feed = {event["id"]: event for event in program.call("GET", "/v1/events?limit=200", status=200)}
        for one in told[good] + told[bad]:
            assert (feed[one.id]["event"], feed[one.id]["data"]) == (one.event, one.data)

        log = program.call("GET", f"/v1/webhooks/{webhook['id']}/deliveries", status=200)
        assert {(row["status"], row["response_status"]) for row in log if row["attempts"]} == {("delivered", 200)}
        program.call("DELETE", f"/v1/webhooks/{webhook['id']}", status=204)


def test_what_a_killed_worker_was_sending_is_sent_by_another(stack: Stack, program: Program) -> None:
    with Receiver() as receiver:
        webhook = program.call("POST", "/v1/webhooks", {"url": receiver.url}, status=201)
        receiver.secret = webhook["secret"]

        def answer(came: Received) -> Answer:
            # The first time it has the event, and its answer finds nobody.
            return Answer(after=0 if came.id in [one.id for one in receiver.received] else 5)

        receiver.answer = answer
        program.call("POST", f"/v1/webhooks/{webhook['id']}/test", status=202)

        def pings() -> list[Received]:
            return [one for one in receiver.received if one.event == "webhook.test"]

        until(pings)
        stack.end("worker", signal.SIGKILL)
        stack.begin("worker")
        until(lambda: len(pings()) == 2, seconds=120)
        first, second = pings()
        assert (first.id, first.body) == (second.id, second.body)

        def delivered() -> bool:
            log = program.call("GET", f"/v1/webhooks/{webhook['id']}/deliveries", status=200)
            (row,) = (row for row in log if row["event"] == "webhook.test")
            return (row["status"], row["attempts"]) == ("delivered", 2)

        until(delivered)
        program.call("DELETE", f"/v1/webhooks/{webhook['id']}", status=204)
