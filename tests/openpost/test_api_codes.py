"""Every code that an answer can carry has its paragraph in docs/errors.md, and no paragraph is about nothing."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from integrations.platforms.codes import CODES
from openpost.api.errors import BY_STATUS

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("openpost", "integrations", "posts", "publishing")
PAGE = ROOT / "docs" / "errors.md"

#: What says a code first, or as `code` or `error_code`.
CARRIERS = {"refuse", "Fault", "warning", "Unusable", "Unfetchable", "CannotConnect", "self._caution"}
#: What has a `code` that is another thing: a query, a serializer's error, an authorization code.
OTHERS = {"Q", "ErrorDetail", "_load(rules, 'exchange')", "finish", "shapes.obj", "shapes.also"}
#: Codes that come from elsewhere, where they are read: a table, another error, a parameter, a name.
PASSED_ON = re.compile(r"code|UNKNOWN|target\.error_code|_CODES\.get\(.*\)|.*\.code\b.*|.*\[.code.\]")
#: What is wrong with a form is a sentence on its page, what doctor finds a line on a terminal: no code leaves there.
FOR_PEOPLE_ONLY = ("posts/composer/", "publishing/doctor/")
CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
PARAGRAPH = re.compile(r"^\*\*`([a-z0-9_]+)`\*\* \(([^;)]+); (yours|ours|network|platform)\) (.+)$", re.MULTILINE)
#: Where a code may be met.
PLACES = re.compile(r"([45]\d\d|target|warning|file|webhook)(, ([45]\d\d|target|warning|file|webhook))*")


def spoken(call: ast.Call) -> Iterator[ast.expr]:
    """The expressions of a call that are codes."""
    name = ast.unparse(call.func).removeprefix("checking.")
    for keyword in call.keywords:
        if name not in OTHERS and keyword.arg in {"code", "error_code"}:
            yield keyword.value
    if name in CARRIERS and call.args:
        yield call.args[0]


@cache
def nodes() -> list[tuple[str, ast.AST]]:
    """All that stands in the source, and where: read once for all tests here."""
    return [
        (f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", node)
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
    ]


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the source, and where it stands."""
    for where, node in nodes():
        if isinstance(node, ast.Call):
            yield where, node


def assigned() -> dict[str, str]:
    """The codes that are written into an `error_code`, one or the other."""
    found: dict[str, str] = {}
    for where, node in nodes():
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(".error_code"):
            values = [one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
            found |= {value: where for value in values if isinstance(value, str) and CODE.fullmatch(value)}
    return found


def in_source() -> dict[str, str]:
    """Each code of the API, and one place that uses it."""
    found: dict[str, str] = {}
    for where, call in calls():
        if where.startswith(FOR_PEOPLE_ONLY):
            continue
        for code in spoken(call):
            if not isinstance(code, ast.Constant):
                assert PASSED_ON.fullmatch(ast.unparse(code)), f"{where}: this test cannot read {ast.unparse(code)}"
            elif CODE.fullmatch(str(code.value)):
                found[str(code.value)] = where
    return found


def used() -> dict[str, str]:
    elsewhere = {code: "BY_STATUS" for code, _ in BY_STATUS.values()} | dict.fromkeys(CODES, "codes.py")
    return in_source() | assigned() | elsewhere


@dataclass(frozen=True)
class Paragraph:
    where: str
    side: str
    text: str


def explained() -> dict[str, Paragraph]:
    return {code: Paragraph(*rest) for code, *rest in PARAGRAPH.findall(PAGE.read_text())}


def test_it_explains_every_code() -> None:
    assert {code: where for code, where in used().items() if code not in explained()} == {}


def test_it_explains_no_code_that_does_not_exist() -> None:
    assert set(explained()) - set(used()) == set()


def test_it_explains_each_code_once_and_says_where_it_is_met() -> None:
    codes = [code for code, *_ in PARAGRAPH.findall(PAGE.read_text())]

    assert len(codes) == len(set(codes)) == PAGE.read_text().count("\n**`")
    assert [code for code, paragraph in explained().items() if not PLACES.fullmatch(paragraph.where)] == []


def test_it_says_of_a_targets_code_on_whose_side_it_is() -> None:
    page = explained()

    assert {code: page[code].side for code in CODES} == {code: trouble.side.value for code, trouble in CODES.items()}


def test_it_reads_the_source_well_enough_to_notice() -> None:
    found = in_source()

    assert {
        "field_required",
        "time_in_past",
        "setting_ignored",
        "too_slow",
        "file_empty",
        "more_errors",
        "link_costs_more",
    } <= set(found)
    assert {"webhook_disabled", "idempotency_key_reused", "insufficient_scope"} <= set(found)
