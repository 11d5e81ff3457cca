"""Nobody makes a line of the log by what they send."""

import logging
import sys

import pytest

from openpost.logs import Line

FORMAT = "%(levelname)s %(message)s"
FORGED = "x\n2026-11-25 09:00:00,000 ERROR root [-] forged"


def line(message: str, *args: object, trace: bool = False) -> str:
    record = logging.LogRecord("any", logging.WARNING, "", 0, message, args, sys.exc_info() if trace else None)
    return Line(FORMAT).format(record)


@pytest.mark.parametrize("char", ["\n", "\r", "\x1b", "\0", "\x85", "\u2028"], ids=ascii)
def test_control_characters_are_shown_and_not_written(char: str) -> None:
    said = line("Connected: %s", f"a{char}b")

    assert char not in said
    assert said.startswith("WARNING Connected: a\\")


def test_other_texts_stay_as_they_are() -> None:
    assert line("Hello, %s", "wörld 👩‍👩‍👧‍👦") == "WARNING Hello, wörld 👩‍👩‍👧‍👦"


def test_a_traceback_has_its_lines_and_none_looks_like_a_record() -> None:
    try:
        int(FORGED + "\n" + FORGED)
    except ValueError:
        said = line("It failed", trace=True)

    assert "test_logs.py" in said
    assert all(one.startswith("  ") for one in said.splitlines()[1:])


def test_it_is_how_every_process_writes() -> None:
    assert any(isinstance(handler.formatter, Line) for handler in logging.getLogger().handlers)
