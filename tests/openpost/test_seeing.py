"""What is seen of the service: off, it is not there; on, its names, costs and sums are what is told of them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from django.conf import settings as django
from django.test import Client
from pytest_django import Settings
from redis import Redis

from openpost.seeing import sums

PROJECT = Path(__file__).resolve().parents[2]
MONITORING = PROJECT / "docs" / "monitoring"
LIBRARIES = ("prometheus_client", "opentelemetry", "sentry_sdk", "google.protobuf")
SWITCHES = {
    "METRICS_TOKEN": "a-token-of-a-scraper",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
    "SENTRY_DSN": "http://public-key@127.0.0.1:1/1",
}


def python(code: str, **environ: str) -> str:
    """This will run the code in a process of its own, with Django ready and everything off but what `environ` says."""
    begin = "import django; django.setup()\nimport sys\n"
    inherited = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    done = subprocess.run(
        [sys.executable, "-c", begin + code],
        cwd=PROJECT,
        env={**inherited, "DJANGO_SETTINGS_MODULE": "openpost.settings", **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "process",
    [
        "import openpost.wsgi, openpost.urls",
        "import openpost.celery; openpost.celery.app.loader.import_default_modules()",
    ],
    ids=["web", "worker"],
)
def test_what_is_off_is_not_imported(process: str) -> None:
    loaded = f"print([name for name in {LIBRARIES} if sys.modules.get(name)])"

    assert python(f"{process}\n{loaded}").strip() == "[]"


@pytest.mark.parametrize(
    ("name", "value"),
    [("METRICS_TOKEN", "short"), ("SENTRY_DSN", "https://sentry.example.com"), ("LOG_FORMAT", "xml")],
)
def test_a_wrong_value_stops_the_start_and_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(AssertionError, match=name) as stopped:
        python("", **{name: value})

    assert "OpenPost cannot start" in str(stopped.value)


@cache
def names() -> set[str]:
    """Every sample that /metrics may tell, also those that nothing has happened for yet."""
    told = python(
        "import json\n"
        "from django.conf import settings\n"
        "from openpost.seeing import meters\n"
        "parts = {'counter': ['_total'], 'histogram': ['_bucket', '_count', '_sum']}\n"
        "print(json.dumps([one.name + part for one in meters.families() for part in parts[one.type]]))",
        METRICS_TOKEN=SWITCHES["METRICS_TOKEN"],
    )
    facts = "".join((PROJECT / path).read_text() for path in ("publishing/facts.py", "openpost/seeing/facts.py"))
    return {*json.loads(told), *re.findall(r'"(openpost_\w+)"', facts), "openpost_sums_readable"}


def test_every_metric_of_the_dashboard_and_the_alerts_exists_and_every_one_that_exists_is_shown() -> None:
    dashboard = json.loads((MONITORING / "grafana.json").read_text())
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    alerts = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]
    used = set(re.findall(r"openpost_\w+", " ".join([*shown, *(alert["expr"] for alert in alerts)])))
    exist = names()

    assert used <= exist
    assert {name.removesuffix("_bucket") for name in exist if not name.endswith(("_count", "_sum"))} <= {
        name.removesuffix("_bucket").removesuffix("_count") for name in used
    }


def test_every_alert_leads_to_what_is_to_be_done() -> None:
    alerts = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]
    headings = re.findall(r"^#+ (.+)$", (PROJECT / "docs" / "operations.md").read_text(), re.MULTILINE)
    places = {f"docs/operations.md#{heading.lower().replace(' ', '-')}" for heading in headings}

    assert {alert["annotations"]["runbook_url"] for alert in alerts} <= places


def test_the_page_tells_of_every_metric() -> None:
    page = (PROJECT / "docs" / "monitoring.md").read_text()
    told = set(re.findall(r"`(openpost_\w+)`", page))
    parts = re.compile(r"_(bucket|count|sum)$")

    assert told == {parts.sub("", name) for name in names()}


def test_without_a_token_there_is_nothing_at_metrics(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""

    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.fixture
def counted() -> Iterator["Redis"]:
    with Redis.from_url(django.REDIS_URL) as redis:
        redis.delete(sums.KEY)
        yield redis
        redis.delete(sums.KEY)


COUNT = """
from openpost.seeing import sums
from publishing.metrics import ATTEMPTS
for _ in range({times}):
    ATTEMPTS.labels("mastodon", "live").inc()
sums.adding.add()
sums.adding.add()
"""
ONE = {("outcome", "live"), ("platform", "mastodon")}


def live() -> float:
    read = sums.read()
    assert read is not None
    return next(value for labels, value in read["openpost_attempts_total"].items() if set(labels) == ONE)


def test_what_processes_count_is_added_up_and_outlives_them(counted: "Redis") -> None:
    for times in (3, 4):
        python(COUNT.format(times=times), METRICS_TOKEN=SWITCHES["METRICS_TOKEN"])

    assert live() == 7


def test_what_was_counted_while_redis_was_away_is_added_later(counted: "Redis") -> None:
    python(
        "from django.conf import settings\n"
        "here, settings.REDIS_URL = settings.REDIS_URL, 'redis://127.0.0.1:1/0'\n"
        + COUNT.format(times=5)
        + "settings.REDIS_URL = here\n"
        "sums._redis._ask_again = 0.0\n"
        "sums.adding.add()\n",
        METRICS_TOKEN=SWITCHES["METRICS_TOKEN"],
    )

    assert live() == 5


def test_counting_costs_little() -> None:
    """Microseconds, of the thousands that a publish takes: the best of many rounds, since others use the machine."""
    code = """
from timeit import repeat
from publishing.metrics import ATTEMPTS, DUE_TO_LIVE
def count():
    ATTEMPTS.labels("mastodon", "live").inc()
    DUE_TO_LIVE.labels("mastodon").observe(0.3)
print(min(repeat(count, number=100, repeat=200)) / 200 * 1e6)
"""
    assert float(python(code)) < 2
    assert float(python(code, METRICS_TOKEN=SWITCHES["METRICS_TOKEN"])) < 20
