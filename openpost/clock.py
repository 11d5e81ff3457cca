"""The one clock of the workers: PostgreSQL's. A machine whose own clock is wrong sends nothing early or late."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """This will give the time at the database, in UTC, also inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
