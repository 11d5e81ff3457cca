"""Posts as a table: a CSV file whose first line names the columns, with a post on each line below."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpost.api.errors import refuse, short

#: The columns, by the names that the fields have in JSON; of the lists, the items of a cell stand between commas.
TEXTS = ("content", "schedule_at", "status", "group_id")
LISTS = ("platforms", "integrations", "tags", "media_ids")
#: Posts of one table.
MOST_ROWS = 200
#: Empty lines, such as spreadsheets leave below their tables.
MOST_EMPTY = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One post as the table has it: the line on which it begins, and the body that JSON would have."""

    line: int
    body: dict[str, Any]


def rows_of(text: str) -> Sequence[Row]:
    """This will read a table with commas or, as some countries' spreadsheets write it, semicolons; raises a 400."""
    if "\0" in text:
        raise refuse("invalid_text", "Text may not contain NUL characters.")
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        _require_known(names)
        rows, empty, line = [], 0, reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_row(line, names, cells))
            else:
                empty += 1
            line = reader.line_num + 1  # a cell in quotes may have several lines
            if len(rows) > MOST_ROWS:
                raise refuse("invalid_csv", f"A table may have at most {MOST_ROWS} posts.")
            if empty > MOST_EMPTY:
                raise refuse("invalid_csv", f"A table may have at most {MOST_EMPTY} empty lines.")
    except csv.Error as error:
        raise refuse("invalid_csv", f"Line {reader.line_num} is not CSV: {error}.", line=reader.line_num) from error
    if not rows:
        raise refuse("invalid_csv", "There is no post in the table.")
    return rows


def _require_known(names: Sequence[str]) -> None:
    known = (*TEXTS, *LISTS)
    for name in names:
        if name not in known:
            raise refuse("invalid_csv", f"There is no column {short(name)!r}; there are {', '.join(known)}.", line=1)
    if len(set(names)) < len(names):
        raise refuse("invalid_csv", "A column is named twice.", line=1)


def _row(line: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) > len(names):
        raise refuse("invalid_csv", f"Line {line} has more cells than there are columns.", line=line)
    body: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        if name in LISTS:
            body |= {name: items} if (items := [item.strip() for item in cell.split(",") if item.strip()]) else {}
        elif cell.strip() or name == "content":
            body[name] = cell if name == "content" else cell.strip()
    return Row(line, body)
