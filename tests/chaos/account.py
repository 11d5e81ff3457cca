"""A platform as the suite sees it, and one account of it."""

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Record:
    """One post as the platform has it. `at` is when it took it (Unix seconds); None where it does not say.

    `answers` is the text of the account's post that it answers, `files` how many stand beside it.
    """

    text: str
    at: float | None
    answers: str | None = None
    files: int = 0


class Network(Protocol):
    """One platform. `queue` is its name in our registry, and in the names of its queue."""

    platform: str
    queue: str

    def account(self) -> "Account":
        """A new person there, connected to us as people connect."""
        ...

    def records(self, account: "Account") -> list[Record]:
        """Everything that is live on the account, put there through the API."""
        ...

    def trouble(self, account: "Account", call: str, do: str, when: str = "before", **how: Any) -> None:
        """This will script what befalls the account's next such call (tests/peers/faults.py).

        `call`: `send`, `send_thread`, `upload`, `look` or `refresh`.
        """
        ...

    def befell(self, account: "Account", call: str) -> list[float]:
        """When scripted trouble befell such calls, Unix seconds."""
        ...


@dataclass
class Account:
    """One account of one platform, connected. `remote_id` is the platform's id of it; `key` a program's API key."""

    network: Network
    integration_id: str
    remote_id: str
    key: str
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def records(self) -> list[Record]:
        return self.network.records(self)
