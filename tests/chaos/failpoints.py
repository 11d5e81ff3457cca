"""Arming the product's failpoints (openpost/failpoints.py), and seeing when they struck."""

import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Strike:
    """A failpoint that struck: the process it struck, and when (Unix seconds)."""

    pid: int
    at: float


class Failpoints:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def arm(self, step: str, subject: str, what: str) -> None:
        """This will make the first process that reaches the step for the subject do `what` there, once.

        An earlier strike there is forgotten.
        """
        (self.folder / f"{step}@{subject}.struck").unlink(missing_ok=True)
        draft = self.folder / f"draft.{step}@{subject}"
        draft.write_text(what)
        draft.rename(self.folder / f"{step}@{subject}")

    def disarm(self, step: str, subject: str) -> None:
        (self.folder / f"{step}@{subject}").unlink(missing_ok=True)

    def struck(self, step: str, subject: str) -> Strike | None:
        path = self.folder / f"{step}@{subject}.struck"
        try:
            return Strike(int(path.read_text()), path.stat().st_mtime)
        except (FileNotFoundError, ValueError):
            return None

    def wait(self, step: str, subject: str, *, within: float) -> Strike:
        """This will give the strike as soon as it has happened. Errors: TimeoutError, for a step never reached."""
        deadline = time.monotonic() + within
        while not (strike := self.struck(step, subject)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the step {step} was not reached within {within:.0f} s")
            time.sleep(0.05)
        return strike
