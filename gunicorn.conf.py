"""What gunicorn reads beside the command in the Procfile."""

from typing import Any

from openpost.pace import SILENCE, paced


def pre_request(worker: Any, request: Any) -> None:
    # gunicorn waits for a body without end: clients that stall or drip would take one thread after another.
    unreader = request.unreader
    unreader.sock.settimeout(SILENCE)
    unreader.chunk = paced(unreader.sock, unreader.chunk)


def post_request(worker: Any, request: Any, environ: Any, response: Any) -> None:
    # The next request on this line has a time of its own, and none before it begins.
    del request.unreader.chunk
