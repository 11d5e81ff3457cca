"""INSERT and UPDATE of rows that are written thousands of times a minute: each statement is put together once.

Django's ORM puts it together anew each time, which costs several times what the row itself does. Values go through
the fields, as there, and columns have a field's `attname`; keys that Python makes, and times, are the caller's.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model

Fields = tuple["Field[Any, Any]", ...]


def insert(model: type[Model], **columns: Any) -> Any:
    """This will add one row with these columns, and give its key; the other columns get their db_default."""
    with _executed(*_insert(model, tuple(columns)), columns.values()) as cursor:
        return cursor.fetchone()[0]


def update(model: type[Model], where: Mapping[str, Any], **columns: Any) -> int:
    """This will write these columns into the rows whose columns equal those of `where`, and give the rows' number."""
    with _executed(*_update(model, tuple(columns), tuple(where)), (*columns.values(), *where.values())) as cursor:
        number: int = cursor.rowcount
        return number


@contextmanager
def _executed(sql: str, fields: Fields, values: Iterable[Any]) -> Iterator[Any]:
    ready = [field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(sql, ready)
        yield cursor


@cache
def _insert(model: type[Model], names: tuple[str, ...]) -> tuple[str, Fields]:
    fields = _fields(model, names)
    columns, places, key = ", ".join(map(_quoted, fields)), ", ".join(["%s"] * len(fields)), _quoted(model._meta.pk)
    sql = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({places}) RETURNING {key}"  # noqa: S608  # names alone
    return sql, fields


@cache
def _update(model: type[Model], names: tuple[str, ...], where: tuple[str, ...]) -> tuple[str, Fields]:
    written, sought = _fields(model, names), _fields(model, where)
    columns = ", ".join(f"{_quoted(field)} = %s" for field in written)
    wanted = " AND ".join(f"{_quoted(field)} = %s" for field in sought)
    return f"UPDATE {model._meta.db_table} SET {columns} WHERE {wanted}", (*written, *sought)  # noqa: S608  # names


def _fields(model: type[Model], names: tuple[str, ...]) -> Fields:
    known = {field.attname: field for field in model._meta.concrete_fields}
    return tuple(known[name] for name in names)


def _quoted(field: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))
