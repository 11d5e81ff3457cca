"""Lines of the log: nobody makes one by what they send, each says what it is about, and none holds a secret."""

import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from openpost import hiding, logs
from openpost.api import request_id
from openpost.logs import Line

FORMAT = "%(levelname)s %(message)s"
FORGED = "x\n2026-11-25 09:00:00,000 ERROR root [-] forged"


def record(message: str, *args: object, trace: bool = False, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("any", level, "", 0, message, args, sys.exc_info() if trace else None)


def line(message: str, *args: object, trace: bool = False) -> str:
    return Line(FORMAT).format(record(message, *args, trace=trace))


def in_json(message: str, *args: object, **more: Any) -> dict[str, Any]:
    written = logs.formatter("json").format(record(message, *args, **more))
    assert "\n" not in written
    said: dict[str, Any] = json.loads(written)
    return said


@pytest.fixture(autouse=True)
def _nothing() -> Iterator[None]:
    logs.about_nothing()
    request_id.begin("r-1")
    yield
    logs.about_nothing()
    request_id.end()


@pytest.mark.parametrize("char", ["\n", "\r", "\x1b", "\0", "\x85", "\u2028"], ids=ascii)
def test_control_characters_are_shown_and_not_written(char: str) -> None:
    said = line("Connected: %s", f"a{char}b")

    assert char not in said
    assert said.startswith("WARNING Connected: a\\")


def test_other_texts_stay_as_they_are() -> None:
    assert line("Hello, %s", "wörld 👩‍👩‍👧‍👦") == "WARNING Hello, wörld 👩‍👩‍👧‍👦"
    assert in_json("Hello, %s", "wörld 👩‍👩‍👧‍👦")["message"] == "Hello, wörld 👩‍👩‍👧‍👦"


def test_a_traceback_has_its_lines_and_none_looks_like_a_record() -> None:
    try:
        int(FORGED + "\n" + FORGED)
    except ValueError:
        said, other = line("It failed", trace=True), in_json("It failed", trace=True)

    assert "test_logs.py" in said
    assert all(one.startswith("  ") for one in said.splitlines()[1:])
    assert "test_logs.py" in other["exception"]


def test_it_is_how_every_process_writes() -> None:
    assert any(isinstance(handler.formatter, Line) for handler in logging.getLogger().handlers)


def test_a_line_says_what_it_is_about() -> None:
    logs.about(target_id="t-1")
    logs.about(post_id="p-1")

    assert "[r-1 target_id=t-1 post_id=p-1] Away" in logs.formatter("line").format(record("Away"))
    said = in_json("Away")
    assert (said["request_id"], said["target_id"], said["post_id"]) == ("r-1", "t-1", "p-1")

    logs.about(post_id=None)
    assert "post_id" not in in_json("Away")


def test_what_one_thread_works_on_is_not_on_anothers_lines() -> None:
    logs.about(target_id="t-1")
    said: list[dict[str, Any]] = []
    other = threading.Thread(target=lambda: said.append(in_json("Elsewhere")))
    other.start()
    other.join()

    assert "target_id" not in said[0]
    assert "request_id" not in said[0]


def test_what_a_library_attached_to_a_record_is_not_written() -> None:
    attached = record("Not Found: /v1/x")
    attached.request = "a whole request, with its text"
    attached.data = {"args": "['a text']"}

    assert "text" not in logs.formatter("json").format(attached)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer PLANTED",
        "curl -H 'authorization: basic PLANTED='",
        'answer {"access_token": "PLANTED", "expires_in": 7200}',
        "refresh_token=PLANTED&grant_type=refresh_token",
        "redis://default:PLANTED@host:6379/0 is away",
        "the key op_live_PLANTED was shown",
        "whsec_PLANTED",
        "eyJQTEFOVEVE.PLANTED.PLANTED",
        'null value in column "id"\nDETAIL:  Failing row contains (1, PLANTED, a text).',
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    planted = text.replace("PLANTED", "planted0value1planted")
    try:
        int(planted)
    except ValueError:
        written = [logs.formatter(name).format(record("%s", planted, trace=True)) for name in logs.FORMATTERS]

    assert all("planted0value1planted" not in one and hiding.HIDDEN in one for one in written)


def test_what_was_decrypted_is_hidden_wherever_it_turns_up() -> None:
    hiding.remember({"access_token": "a plain/odd token", "handle": "alice.example.com"})

    said = in_json("It said %r of alice.example.com", {"x": "a plain/odd token"})["message"]

    assert said == "It said {'x': '[secret]'} of alice.example.com"


def test_what_the_environment_names_as_secret_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIAL_KEYS", "2:planted-one=,1:planted-two=")
    monkeypatch.setenv("DATABASE_URL", "postgres://openpost:planted%2Fthree@db/openpost")
    monkeypatch.setenv("METRICS_TOKEN", "planted-four")
    hiding._of_environment.cache_clear()
    try:
        said = in_json("planted-one= planted-two= planted/three planted-four", level=logging.INFO)["message"]
    finally:
        hiding._of_environment.cache_clear()

    assert said == " ".join([hiding.HIDDEN] * 4)


def test_only_so_much_is_remembered() -> None:
    for number in range(hiding.MOST_REMEMBERED + 10):
        hiding.remember({"token": f"remembered-{number}"})

    assert len(hiding._remembered) == hiding.MOST_REMEMBERED
    assert "remembered-0" in hiding.hide("remembered-0")
