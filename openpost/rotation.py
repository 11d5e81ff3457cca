"""Every encrypted value under the newest key, while the service runs.

A value is exchanged only where it still is the one that was read, so that a token refreshed meanwhile is never
overwritten; a row that somebody holds is left to the next pass, so that nobody waits. What is done stands in the rows
themselves: a run that was killed is simply started again.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import sleep
from typing import Any

from django.apps import apps
from django.db import connection, models

from .crypto import CredentialsUnreadable, EncryptedJSONField, current_version, decrypt, encrypt, keyring

#: Rows that are exchanged in one statement.
BATCH = 200
#: How often rows that somebody held, or changed, are come back to, and the seconds between.
PASSES, PAUSE = 5, 0.5


@dataclass(frozen=True, slots=True)
class Column:
    """One encrypted column of the service."""

    model: type[models.Model]
    name: str

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def key(self) -> tuple[str, str]:
        """The name and the type of the table's own key, as PostgreSQL has them."""
        key = self.model._meta.pk
        return str(key.column), key.db_type(connection) or ""


@dataclass(slots=True)
class Batch:
    """How one batch went: values exchanged, values that no key opens, values that had moved on or were held."""

    exchanged: int
    unreadable: int
    left: int


def columns() -> list[Column]:
    """This will give every encrypted column there is. By the fields' type, so that a new one cannot be forgotten."""
    return [
        Column(model, str(field.column))
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedJSONField)
    ]


def versions(column: Column) -> Counter[str]:
    """This will count a column's values by the version of their key."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT split_part({column.name}, '$', 1), count(*) FROM {column.table} GROUP BY 1"  # noqa: S608  # our own names
        )
        return Counter(dict(cursor.fetchall()))


def exchange(column: Column) -> Iterator[Batch]:
    """This will bring a column's values under the newest key, batch after batch."""
    for number in range(PASSES):
        left = 0
        for batch in _once(column):
            left += batch.left
            yield batch
        if not left:
            return
        if number < PASSES - 1:
            sleep(PAUSE)


def superfluous(left: Counter[str]) -> list[str]:
    """This will give the versions that no value has any more, and that are not the newest."""
    return [version for version in keyring() if version != current_version() and not left[version]]


def _once(column: Column) -> Iterator[Batch]:
    after: Any = None
    while rows := _older(column, after):
        yield _exchange(column, rows)
        after = rows[-1][0]


def _older(column: Column, after: Any) -> list[tuple[Any, str]]:
    key, kind = column.key
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {column.name} FROM {column.table}"  # noqa: S608  # our own names
            f" WHERE split_part({column.name}, '$', 1) <> %s AND (%s::{kind} IS NULL OR {key} > %s::{kind})"
            f" ORDER BY {key} LIMIT {BATCH}",
            [current_version(), after, after],
        )
        return list(cursor.fetchall())


def _exchange(column: Column, rows: Sequence[tuple[Any, str]]) -> Batch:
    ids, olds, news = [], [], []
    for row_id, old in rows:
        try:
            news.append(encrypt(decrypt(old)))
        except CredentialsUnreadable:
            continue
        ids.append(row_id)
        olds.append(old)
    key, kind = column.key
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH free AS (SELECT {key} FROM {column.table} WHERE {key} = ANY(%s::{kind}[])"  # noqa: S608  # our own names
            f" FOR NO KEY UPDATE SKIP LOCKED)"
            f" UPDATE {column.table} AS held SET {column.name} = given.new"
            f" FROM unnest(%s::{kind}[], %s::text[], %s::text[]) AS given(id, old, new)"
            f" WHERE held.{key} = given.id AND held.{key} IN (SELECT {key} FROM free)"
            f" AND held.{column.name} = given.old",
            [ids, ids, olds, news],
        )
        return Batch(cursor.rowcount, unreadable=len(rows) - len(ids), left=len(ids) - cursor.rowcount)
