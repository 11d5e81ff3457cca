"""Every code the source can put on a target or an attempt is on somebody's side, and none is listed for nothing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from integrations.platforms import codes, errors
from integrations.platforms.codes import CODES, Side, side_of

ROOT = Path(codes.__file__).parents[2]
ROOMS = ("integrations", "posts", "publishing")
#: What carries a code to a target or an attempt: by which name, else at which place, and without one which code.
CARRIERS = {"Failure": 0, "Problem": 0, "Reason": 0, "Missed": None, "_resting": 0, "media_problem": 0, "_beyond": 0}
CARRIERS |= dict.fromkeys(("Rejected", "NotNow", "Disconnected", "Unconfirmed"))
#: Codes that come from a table, or from another error: the table's rows are read, the other error is seen elsewhere.
PASSED_ON = {"code", "problem.code", "error.code", "resting.code", "target.error_code"}
CODE = re.compile(r"[a-z]+(_[a-z0-9]+)*")


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text())


def code_of(call: ast.Call) -> ast.expr | None:
    """The expression that says the code, if the call carries one."""
    name = ast.unparse(call.func).removeprefix("self.")
    if name not in CARRIERS:
        return None
    given = next((keyword.value for keyword in call.keywords if keyword.arg == "code"), None)
    place = CARRIERS[name]
    return call.args[place] if given is None and place is not None and len(call.args) > place else given


def in_source() -> dict[str, str]:
    """Each code, and one place that uses it."""
    found: dict[str, str] = {}
    for path, tree in trees():
        for node in ast.walk(tree):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and (code := code_of(node)) is not None:
                if isinstance(code, ast.Constant):
                    found[str(code.value)] = where
                else:
                    assert ast.unparse(code) in PASSED_ON, f"{where}: this test cannot read {ast.unparse(code)}"
            if isinstance(node, ast.ClassDef):
                found |= dict.fromkeys(default_codes(node), where)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REFUSALS":
                found |= dict.fromkeys((row[1] for row in ast.literal_eval(node.value)), where)
    return found


def default_codes(node: ast.ClassDef) -> list[str]:
    if node.name == errors.PublishError.__name__:
        return []  # never raised itself
    return [
        str(line.value.value)
        for line in node.body
        if isinstance(line, ast.Assign)
        and ast.unparse(line.targets[0]) == "default_code"
        and isinstance(line.value, ast.Constant)
    ]


def test_it_lists_every_code_of_the_source_and_no_other() -> None:
    used = in_source()
    assert {code: where for code, where in used.items() if code not in CODES} == {}
    assert set(CODES) - set(used) == set()


def test_it_reads_the_source_well_enough_to_notice() -> None:
    used = in_source()
    assert {"rate_limited", "duplicate_content", "missed", "outcome_unknown", "text_too_long", "rejected"} <= set(used)
    assert all(CODE.fullmatch(code) for code in used)


def test_it_knows_no_side_of_what_is_no_code() -> None:
    assert side_of("") is None
    assert side_of("of_an_earlier_version") is None
    assert side_of("rate_limited") is Side.PLATFORM
