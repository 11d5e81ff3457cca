"""JSON or CSV in: at most 1 MiB, UTF-8, and no text that PostgreSQL could not keep byte for byte."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, NoReturn, TypeAlias

from django.conf import settings
from rest_framework.parsers import BaseParser

from .errors import ApiError, Fault, body_for_status, refuse
from .errors import pointer as pointer_to

#: NUL, which PostgreSQL's text does not hold, and half surrogate pairs, which UTF-8 does not.
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u(0000|d[89a-f])", re.IGNORECASE)

#: The way down to a value: the way to what holds it, and its key or index there. None is the body itself. Linked, so
#: that it costs the same however long the keys above are; a pointer is written only for an answer.
_Path: TypeAlias = "tuple[_Path, str | int] | None"


class StrictJSONParser(BaseParser):
    """DRF's JSON parser, without its blind spots: size, depth, NUL, lone surrogates, NaN."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        text = _text(stream)
        try:
            data = json.loads(text, parse_constant=_no_constant)
        except RecursionError as error:
            raise refuse("invalid_json", "The JSON body is nested too deeply.") from error
        except ValueError as error:
            raise refuse("invalid_json", f"The body is not valid JSON: {error}.") from error
        # Neither can stand in JSON but by these, and most bodies have none: then nothing has to be walked through.
        for path, string in _strings(data) if _ESCAPED.search(text) else ():
            if _UNKEEPABLE.search(string):
                raise refuse(
                    "invalid_text",
                    "Text may not contain NUL characters or unpaired surrogates.",
                    field=pointer_to(*_steps(path)).encode("utf-8", "replace").decode(),
                )
        return data


class StrictCSVParser(BaseParser):
    """The text of a CSV file; what is in it is for the view to read. Spreadsheets put a mark before UTF-8."""

    media_type = "text/csv"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return _text(stream).removeprefix("\ufeff")


def _text(stream: IO[bytes]) -> str:
    raw = stream.read(settings.API_MAX_BODY + 1)
    if len(raw) > settings.API_MAX_BODY:
        answer = body_for_status(413)
        raise ApiError(Fault(answer["code"], answer["error"]), status=413)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refuse("invalid_utf8", f"The body is not valid UTF-8 (byte {error.start}).") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _strings(data: Any) -> Iterator[tuple[_Path, str]]:
    """This will yield every text in `data`, keys included, with the way to it, holding one iterator per level."""
    if isinstance(data, str):
        yield None, data
    levels: list[tuple[_Path, Iterator[tuple[str | int, Any]]]] = [(None, iter(_items(data)))]
    while levels:
        path, items = levels[-1]
        for step, item in items:
            if isinstance(step, str):
                yield (path, step), step
            if isinstance(item, str):
                yield (path, step), item
            elif isinstance(item, (list, dict)):
                levels.append(((path, step), iter(_items(item))))
                break
        else:
            levels.pop()


def _items(value: Any) -> Iterable[tuple[str | int, Any]]:
    """This will give what a list or an object holds, with index or key; of anything else, nothing."""
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _steps(path: _Path) -> list[str | int]:
    steps: list[str | int] = []
    while path:
        path, step = path
        steps.append(step)
    return steps[::-1]
