"""The Celery application, and the one way to send a hint.

PostgreSQL holds the truth; a message on the broker only makes something happen sooner. So a hint that cannot be
sent is logged and forgotten: the next tick finds the row.
"""

import logging
import os
import warnings
from typing import Any

from celery import Celery
from django.conf import settings
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openpost.settings")

if settings.DEBUG:
    # `make run` as root is fine on a developer's machine; in production the warning stays.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app: Any = Celery("openpost")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

log = logging.getLogger(__name__)


def hint(task: str, *args: Any, queue: str) -> bool:
    """This will ask a worker, by the task's name, to look at something sooner. False when the broker is away."""
    try:
        app.send_task(task, args=args, queue=queue, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("The broker is away; %s%r waits for the next tick: %s", task, args, error)
        return False
    return True
