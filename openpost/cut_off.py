"""A host that is cut off keeps nothing in PostgreSQL: no row that it had locked, no place among the connections.

PostgreSQL waits for the next statement of a client as long as it takes; whether that is still there, Linux asks after
two hours. Until then nobody else could touch a post that the host was just writing. So web, workers and beat ask for
more impatience: of our transactions, none waits for anything but PostgreSQL itself.

Set on each new connection, not in its address: pools in front (pgbouncer) refuse what they do not know there.
"""

from typing import Any

from celery.signals import beat_init, worker_init
from django.db.backends.signals import connection_created

#: A transaction that says nothing for as long as a lease lasts is its host's end; a silent client is asked sooner. With
#: PostgreSQL's names and units (seconds, where there is none): three questions within 30 s.
_IMPATIENCE = {
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_ASK = f"SELECT {', '.join(['set_config(%s, %s, false)'] * len(_IMPATIENCE))}"
_VALUES = [word for setting in _IMPATIENCE.items() for word in setting]


def listen() -> None:
    """This will do so in worker and beat when they begin. Commands, which people run, are left alone."""
    for begins in (worker_init, beat_init):
        begins.connect(let_go, weak=False, dispatch_uid="cut_off")


def let_go(**_: Any) -> None:
    """This will have PostgreSQL let go of every connection of this process whose other end is gone."""
    connection_created.connect(_let_go, dispatch_uid="cut_off")


def _let_go(connection: Any, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ASK, _VALUES)
