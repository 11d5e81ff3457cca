"""Web, worker and beat with everything switched on, and whom they tell: a scrape, a receiver of traces, a Sentry."""

import itertools
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from openpost import hiding
from tests import builders
from tests.peers.x.process import XPeer

from .receivers import Receiver, soon, spans_in
from .seeding import Seeder
from .stack import Program, Stack

TOKEN = "a-token-of-a-scraper"
CLIENT_SECRET = "openpost-secret"  # the one that X's double knows


@dataclass
class Watched:
    stack: Stack
    traces: Receiver
    sentry: Receiver

    @property
    def program(self) -> Program:
        return Program(self.stack.url, self.stack.key)

    def scrape(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        """Each sample's value, by its name and labels."""
        answer = requests.get(f"{self.stack.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
        assert answer.status_code == 200, answer.text
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    def sample(self, name: str, **labels: str) -> float:
        return self.scrape().get((name, tuple(sorted(labels.items()))), 0.0)

    def spans(self) -> list[Any]:
        return [span for _, body in list(self.traces.came) for span in spans_in(body)]

    def event(self, about: str) -> dict[str, Any] | None:
        """What a Sentry was told first that says this, of its kind or in its words."""
        for _, body in list(self.sentry.came):
            for line in body.splitlines():
                said = json.loads(line)
                if about in str((said.get("logentry"), said.get("exception"))):
                    return dict(said)
        return None

    @contextmanager
    def refusing(self, table: str, column: str, words: str) -> Iterator[None]:
        """Meanwhile PostgreSQL refuses rows with these words, and quotes them whole: nobody foresaw that."""
        with psycopg.connect(self.stack.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT planted CHECK ({column}::text NOT LIKE '%{words}%')".encode()
            )
            try:
                yield
            finally:
                connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT planted".encode())

    @property
    def secrets(self) -> list[str]:
        """Those that the processes were started with."""
        return [TOKEN, CLIENT_SECRET, "public-key"]

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Every line of a process's log is an object."""
        return [json.loads(line) for line in self.stack.log(name).splitlines()]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, x: XPeer) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    with Receiver() as traces, Receiver() as sentry:
        stack = Stack(
            folder,
            name="watched",
            X_API_URL=x.url,
            X_CLIENT_ID="openpost-client",
            X_CLIENT_SECRET=CLIENT_SECRET,
            METRICS_TOKEN=TOKEN,
            LOG_FORMAT="json",
            WEB_CONCURRENCY="2",
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{traces.address}",
            OTEL_BSP_SCHEDULE_DELAY="200",
            SENTRY_DSN=f"http://public-key@{sentry.address}/1",
        )
        try:
            stack.start()
            yield Watched(stack, traces, sentry)
        finally:
            stack.stop()


def create(watched: Watched, content: str, platform: str = "mastodon") -> str:
    body = {"content": content, "platforms": [platform], "schedule_at": datetime.now(UTC).isoformat()}
    post_id: str = watched.program.call("POST", "/v1/posts", body, status=201)["id"]
    return post_id


def attributes(span: Any) -> dict[str, str]:
    return {one.key: one.value.string_value for one in span.attributes}


def test_one_scrape_tells_what_web_and_worker_have_counted(watched: Watched) -> None:
    watched.program.wait(create(watched, "Hello"), "published")

    def counted() -> bool | None:
        return watched.sample("openpost_attempts_total", platform="sandbox", outcome="live") >= 1 or None

    assert soon(counted)
    assert watched.sample("openpost_due_to_live_seconds_count", platform="sandbox") >= 1
    assert watched.sample("openpost_http_request_seconds_count", method="POST", route="v1/posts", status="2xx") >= 1
    assert watched.sample("openpost_task_seconds_count", task="publishing.dispatch", outcome="done") >= 1
    assert watched.sample("openpost_workers") == 1
    assert watched.sample("openpost_overdue_targets") == 0


def test_deliveries_are_counted(watched: Watched) -> None:
    with Receiver() as program:
        body = {"url": f"http://{program.address}/", "events": ["post.published"]}
        webhook = watched.program.call("POST", "/v1/webhooks", body, status=201)
        watched.program.call("POST", f"/v1/webhooks/{webhook['id']}/test", status=202)
        assert soon(lambda: program.came or None)

    assert soon(lambda: watched.sample("openpost_webhook_deliveries_total", answer="2xx") or None)
    assert watched.sample("openpost_webhook_delivery_seconds_count") >= 1


def test_a_scrape_needs_the_token(watched: Watched) -> None:
    for said in ({}, {"Authorization": "Bearer another-token"}, {"Authorization": TOKEN}):
        assert requests.get(f"{watched.stack.url}/metrics", headers=said, timeout=30).status_code == 401


def test_no_label_holds_what_somebody_sent(watched: Watched) -> None:
    requests.get(f"{watched.stack.url}/planted-path?planted=1", timeout=30)
    requests.request("PLANTED", f"{watched.stack.url}/v1/posts/planted", timeout=30)
    watched.program.session.get(f"{watched.stack.url}/v1/posts/{uuid.uuid4()}", timeout=30)

    labels = {"method": "GET", "route": "v1/posts/<str:post_id>", "status": "4xx"}
    assert soon(lambda: watched.sample("openpost_http_request_seconds_count", **labels) or None)
    said = watched.scrape()
    for sample in said:
        assert "planted" not in str(sample).lower()
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", str(sample)), sample


def test_a_trace_leads_from_the_request_to_the_call_of_the_platform(watched: Watched) -> None:
    post_id = create(watched, "Traced")
    target = watched.program.wait(post_id, "published")["post_targets"][0]

    def traced() -> dict[str, Any] | None:
        ours = [span for span in watched.spans() if attributes(span).get("openpost.target_id") == target["id"]]
        named = {span.name: span for span in ours}
        requests_of_it = [span for span in watched.spans() if ours and span.trace_id == ours[0].trace_id]
        whole = {"publishing.publish", "claim", "mastodon publish"} <= set(named)
        return {span.name: span for span in requests_of_it} if whole else None

    named = soon(traced)

    line = ["POST v1/posts", "hint publishing.publish", "publishing.publish", "mastodon publish"]
    assert set(line) | {"claim"} <= set(named)
    for above, below in itertools.pairwise(line):
        assert named[below].parent_span_id == named[above].span_id
    assert named["claim"].parent_span_id == named["publishing.publish"].span_id
    assert attributes(named["publishing.publish"])["openpost.post_id"] == post_id


def test_every_line_says_what_it_is_about(watched: Watched) -> None:
    headers = {"X-Request-Id": "the-request"}
    body = {"content": "Logged", "platforms": ["mastodon"], "schedule_at": datetime.now(UTC).isoformat()}
    made = watched.program.session.post(f"{watched.stack.url}/v1/posts", json=body, headers=headers, timeout=30).json()
    post = watched.program.wait(made["data"]["id"], "published")

    lines = watched.lines("worker")
    about = [line for line in lines if line.get("target_id") == post["post_targets"][0]["id"]]
    assert any("is live" in line["message"] for line in about)
    assert {line["post_id"] for line in about if "is live" in line["message"]} == {post["id"]}
    assert {line.get("request_id") for line in about} == {"the-request"}
    assert any(line["logger"].startswith("celery") for line in lines)
    assert any(line["logger"] == "gunicorn.error" for line in watched.lines("web"))


def test_what_goes_wrong_is_told_and_nobody_learns_a_secret_or_a_text(watched: Watched, x: XPeer) -> None:
    """Through the bad days of a platform and of the sandbox, and through mistakes of ours in worker and web."""
    stack, text, secrets = watched.stack, "planted-text", watched.secrets
    author = x.user(f"eve{uuid.uuid4().hex[:8]}")
    with Seeder(stack.environ) as seed:
        workspace = seed(builders.workspace, "live")
        live_key = seed(builders.api_key, workspace)
    live = Program(stack.url, live_key)
    tokens = x.tokens(author["id"])
    secrets += [live_key, stack.key, tokens["access_token"], tokens["refresh_token"]]
    connect = ["connect", "twitter", "--workspace", workspace.name]
    stack.manage(*connect, stdin=f"{tokens['access_token']}\n{tokens['refresh_token']}\n")

    def publish(program: Program, content: str, platform: str, *statuses: str) -> None:
        body = {"content": f"{text} {content}", "platforms": [platform], "schedule_at": datetime.now(UTC).isoformat()}
        program.wait(program.call("POST", "/v1/posts", body, status=201)["id"], *statuses)

    for day in ("reject", "lost", "down", "slow"):
        publish(watched.program, f"#sandbox-{day}", "mastodon", "published", "failed")
    x.fault("POST /2/tweets", "drop", "after")
    publish(live, "lost", "twitter", "published")
    x.expire(author["id"])
    publish(live, "expired", "twitter", "published")
    with watched.refusing("publishing_delivery", "payload", "in the worker"):
        publish(live, "in the worker", "twitter", "scheduled", "publishing", "failed")
        assert soon(lambda: watched.event("broke"))
    x.revoke(author["id"])
    publish(live, "revoked", "twitter", "failed")
    with watched.refusing("posts_post", "content", "in the web"):
        body = {"content": f"{text} in the web", "platforms": ["mastodon"]}
        answer = watched.program.session.post(f"{stack.url}/v1/posts", json=body, timeout=30)
        assert answer.status_code == 500
        told = soon(lambda: watched.event("/v1/posts failed"))
    assert told["tags"]["request_id"] == answer.headers["X-Request-Id"]

    def answered() -> bool | None:
        return watched.sample("openpost_platform_answers_total", platform="twitter", status="201") >= 1 or None

    assert soon(answered)
    assert watched.sample("openpost_platform_limit_left_ratio_count", platform="twitter") >= 1
    secrets += [secret for family in x.families() for secret in texts(family) if len(secret) > 20]
    said = {name: stack.log(name) for name in stack.processes}
    said |= {"traces": repr(watched.traces.came), "events": repr(watched.sentry.came), "metrics": str(watched.scrape())}
    for name, everything in said.items():
        # The address of a live post, which the log tells, has a handle in it.
        handles = [author["username"]] if name in ("traces", "metrics") else []
        for planted in (*secrets, text, *handles):
            assert planted not in everything, f"{planted} is in {name}: {around(everything, planted)}"
    assert hiding.HIDDEN in said["web"]
    assert hiding.HIDDEN in said["worker"]


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def around(everything: str, planted: str) -> str:
    at = everything.index(planted)
    return everything[max(0, at - 300) : at + 100]
