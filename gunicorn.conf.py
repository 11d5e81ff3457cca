"""What gunicorn reads beside the command in the Procfile."""

import os
from typing import Any

#: Seconds of silence after which a client is taken to have left, in the middle of a body or of an answer.
SILENCE = float(os.environ.get("WEB_SILENCE") or 60)


def pre_request(worker: Any, request: Any) -> None:
    # gunicorn waits for a body without end: clients that stall would take one thread after another.
    request.unreader.sock.settimeout(SILENCE)
