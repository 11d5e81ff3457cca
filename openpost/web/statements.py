"""How long a web process waits for one statement of the database: nobody who asks waits longer for a page.

Set on each new connection, not in its address: pools in front (pgbouncer) refuse what they do not know there.
"""

from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created


def bound() -> None:
    """This will end every statement of this process after WEB_STATEMENT_SECONDS."""
    connection_created.connect(_bound, dispatch_uid="web_statements")


def _bound(connection: Any, **kwargs: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{settings.WEB_STATEMENT_SECONDS}s"])
