"""How web processes read times (openpost/web/times.py): as all others, only sooner."""

import pytest
from django.db import connection

from openpost.web.times import InUtc

TIMES = (
    "1900-01-01 00:00:00+00",
    "2026-05-01 14:00:00.5+00",
    "2026-05-01 14:00:00.123456+02",
    "2999-12-31 23:59:59.999999+00",
)


@pytest.mark.django_db
@pytest.mark.parametrize("said", TIMES)
def test_it_reads_what_django_reads(said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [said])
        (wanted,) = cursor.fetchone()
        cursor.cursor.adapters.register_loader("timestamptz", InUtc)
        cursor.execute("SELECT %s::timestamptz, NULL::timestamptz", [said])
        found, nothing = cursor.fetchone()
    assert (found, found.tzinfo, nothing) == (wanted, wanted.tzinfo, None)
