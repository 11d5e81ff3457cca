"""JSON in: at most 1 MiB, UTF-8, and no text that PostgreSQL could not keep byte for byte."""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser

from .errors import ApiError, Fault, body_for_status, refuse
from .errors import pointer as pointer_to


class StrictJSONParser(BaseParser):
    """DRF's JSON parser, without its blind spots: size, depth, NUL, lone surrogates, NaN."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read(settings.API_MAX_BODY + 1)
        if len(raw) > settings.API_MAX_BODY:
            answer = body_for_status(413)
            raise ApiError(Fault(answer["code"], answer["error"]), status=413)
        try:
            data = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        except UnicodeDecodeError as error:
            raise refuse("invalid_utf8", f"The body is not valid UTF-8 (byte {error.start}).") from error
        except RecursionError as error:
            raise refuse("invalid_json", "The JSON body is nested too deeply.") from error
        except ValueError as error:
            raise refuse("invalid_json", f"The body is not valid JSON: {error}.") from error
        for pointer, text in _strings(data):
            if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
                raise refuse(
                    "invalid_text",
                    "Text may not contain NUL characters or unpaired surrogates.",
                    field=pointer.encode("utf-8", "replace").decode(),
                )
        return data


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _strings(data: Any) -> Iterator[tuple[str, str]]:
    """This will yield every text in `data`, keys included, each with the JSON pointer to it."""
    pending: list[tuple[str, Any]] = [("", data)]
    while pending:
        pointer, value = pending.pop()
        if isinstance(value, str):
            yield pointer, value
        elif isinstance(value, list):
            pending.extend((f"{pointer}/{index}", item) for index, item in enumerate(value))
        elif isinstance(value, dict):
            for key, item in value.items():
                below = pointer + pointer_to(key)
                yield below, key
                pending.append((below, item))
