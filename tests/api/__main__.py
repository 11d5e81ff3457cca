"""`make api`: the real processes, and schemathesis with every check on. SEED=n chooses what it makes up."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import tests.conftest  # noqa: F401  # chooses the servers
from integrations.models import Scope
from tests.system.stack import Program, Stack

HERE = Path(__file__).resolve().parent
SEEDS = [1, 2]
#: Seconds for one run with one seed, and for the calls about what is revoked.
BUDGET, OF_REVOKED = 45, 20
#: Whoever makes up calls about keys will sooner or later revoke their own. And a key that is deleted is seen as revoked
#: from then on, an account as disconnected: of these alone a deleted one may be read.
REVOKED, ITS_CHECKS = "^/v1/(keys|integrations)", ("--exclude-checks", "use_after_free")


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, action="append")
    options.add_argument("--seconds", type=int, default=BUDGET)
    asked, more = options.parse_known_args()
    seeds = asked.seed or SEEDS
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), LOG_LEVEL="WARNING")
        try:
            stack.start()
            found = [
                run(stack, stack.key, seed, asked.seconds, "--exclude-path-regex", REVOKED, *more) for seed in seeds
            ]
            Program(stack.url, stack.key).call("GET", "/v1/posts", status=200)  # all of it had a key that works
            key, of_revoked = key_of_others(stack), ("--include-path-regex", REVOKED, *ITS_CHECKS)
            found.append(run(stack, key, seeds[0], OF_REVOKED, *of_revoked, *more))
            return max(found)
        finally:
            stack.stop()


def key_of_others(stack: Stack) -> str:
    stack.manage("create_workspace", "Of keys", "--sandbox")
    return stack.manage("create_key", "Of keys", *(f"--scope={scope}" for scope in Scope.values)).strip()


def run(stack: Stack, key: str, seed: int, seconds: int, *more: str) -> int:
    command = [
        *(f"{Path(sys.executable).parent}/schemathesis", "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{stack.url}/v1/openapi.json", "--checks", "all", "--seed", str(seed), "--max-time", str(seconds)),
        *("--header", f"Authorization: Bearer {key}", *more),
    ]
    return subprocess.run(command, cwd=stack.folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
