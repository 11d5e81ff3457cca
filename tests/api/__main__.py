"""`make api`: the real web process, and schemathesis with every check on. SEED=n chooses what it makes up."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import tests.conftest  # noqa: F401  # chooses the servers
from integrations.models import Scope
from tests.system.stack import PROJECT, Program, Stack

from .asked import fingerprint

HERE = Path(__file__).resolve().parent
#: The first makes up all there is; what the others would make up of each field's bounds is the same again.
SEEDS = [1, 2]
ALL, BY_CHANCE = "examples,coverage,fuzzing,stateful", "fuzzing,stateful"
#: How many each phase makes up for one operation: a number and not a time, so that every machine asks for the same.
EXAMPLES = 10
#: Whoever makes up calls about keys will sooner or later revoke their own. And a key that is deleted is seen as revoked
#: from then on, an account as disconnected: of these alone a deleted one may be read.
REVOKED, ITS_CHECKS = "^/v1/(keys|integrations)", ("--exclude-checks", "use_after_free")


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, action="append")
    options.add_argument("--examples", type=int, default=EXAMPLES)
    asked, more = options.parse_known_args()
    first, *others = asked.seed or SEEDS
    more += ["--max-examples", str(asked.examples)]
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), LOG_LEVEL="WARNING")
        try:
            stack.start("web")  # alone: what a worker does meanwhile changes answers, and so what is asked next
            spared = ("--exclude-path-regex", REVOKED, *more)
            found = [run(stack, stack.key, first, ALL, *spared)]
            found += [run(stack, stack.key, seed, BY_CHANCE, *spared) for seed in others]
            Program(stack.url, stack.key).call("GET", "/v1/posts", status=200)  # all of it had a key that works
            of_revoked = ("--include-path-regex", REVOKED, *ITS_CHECKS, *more)
            found.append(run(stack, key_of_others(stack), first, ALL, *of_revoked))
            return max(found)
        finally:
            stack.stop()


def key_of_others(stack: Stack) -> str:
    stack.manage("create_workspace", "Of keys", "--sandbox")
    return stack.manage("create_key", "Of keys", *(f"--scope={scope}" for scope in Scope.values)).strip()


def run(stack: Stack, key: str, seed: int, phases: str, *more: str) -> int:
    """This will make the requests of one seed, say which they were, and give 0 if all was well."""
    report = stack.folder / "requests.har"
    command = [
        *(f"{Path(sys.executable).parent}/schemathesis", "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{stack.url}/v1/openapi.json", "--checks", "all", "--seed", str(seed), "--phases", phases),
        *("--header", f"Authorization: Bearer {key}", "--report-har-path", str(report), *more),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.api.hooks", "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, cwd=stack.folder, env={**os.environ, **hooks}, check=False)
    sys.stdout.write(f"Seed {seed}: {fingerprint(report)}\n")
    sys.stdout.flush()
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
