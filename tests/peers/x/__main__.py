"""Run the double; its address is the first line it prints. It ends with its parent if `--leash` is given."""

import argparse
import contextlib
import os
import sys
import threading

from .server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.peers.x", description="A strict double of X's API v2.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--leash", action="store_true", help="end when standard input is closed")
    options = parser.parse_args()
    server = serve(port=options.port)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    if options.leash:
        threading.Thread(target=end_with_parent, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


def end_with_parent() -> None:
    """This will wait until the process at the other end of standard input is gone, however it went."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
