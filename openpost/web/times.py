"""How a web process reads times from PostgreSQL: by Python's own parser, which is written in C, where Django's is not.

A page of twenty posts has a hundred and fifty of them.
"""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.signals import connection_created
from psycopg.types.datetime import TimestamptzLoader


class InUtc(TimestamptzLoader):
    """For connections whose time zone is UTC, as all of ours are: so PostgreSQL writes every time with `+00`."""

    timezone = UTC  # what Django asks a loader for

    def load(self, data: Any) -> datetime:
        return datetime.fromisoformat(bytes(data).decode())


def quick() -> None:
    """This will let the connections of this process read times so."""
    connection_created.connect(_register, dispatch_uid="web_times")


def _register(connection: Any, **kwargs: Any) -> None:
    connection.connection.adapters.register_loader("timestamptz", InUtc)
