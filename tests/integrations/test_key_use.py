"""Showing a key: one query, and a use that is noted without making anybody wait."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.models import ApiKey
from tests import builders

from .keyring import works

pytestmark = pytest.mark.django_db


def queries(key: str) -> list[str]:
    with CaptureQueriesContext(connection) as seen:
        assert works(key)
    return [query["sql"] for query in seen if "integrations_apikey" in query["sql"]]


def test_a_key_costs_one_query_and_once_a_minute_a_second() -> None:
    key = builders.api_key(builders.workspace())
    assert len(queries(key)) == 2
    assert len(queries(key)) == 1
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    assert len(queries(key)) == 2


def test_that_query_is_answered_by_the_index_on_the_hash() -> None:
    key = builders.api_key(builders.workspace())
    (lookup,) = [sql for sql in queries(key) if sql.startswith("SELECT")]
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {lookup}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "key_hash" in plan
    assert "Seq Scan on integrations_apikey" not in plan


@pytest.mark.django_db(transaction=True)
def test_a_request_does_not_wait_for_whoever_holds_the_keys_row() -> None:
    key = builders.api_key(builders.workspace())
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            ApiKey.objects.select_for_update().get()
            held.set()
            done.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(20)
        begun = time.monotonic()
        assert works(key)
        assert time.monotonic() - begun < 5
        assert ApiKey.objects.get().last_used_at is None
    finally:
        done.set()
        holder.join()
    assert works(key)
    assert ApiKey.objects.get().last_used_at is not None


@pytest.mark.django_db(transaction=True)
def test_many_requests_with_one_key_at_once_are_all_served() -> None:
    key = builders.api_key(builders.workspace())

    def use(_: int) -> bool:
        try:
            return works(key)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(24)))
    assert ApiKey.objects.get().last_used_at is not None
