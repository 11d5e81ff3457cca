"""Bad days, scripted: what befalls the next calls to an endpoint of a platform on loopback.

`when` says whether the platform does its work first (`after`: a post is live, whatever the caller sees) or not
(`before`).

| do       | the caller sees                                                                     |
| -------- | ----------------------------------------------------------------------------------- |
| `answer` | `status`, `headers`, `body` (JSON, or a string sent as it is) instead of its own     |
| `drop`   | the connection reset, no byte of an answer                                          |
| `hang`   | nothing for `seconds`; then it goes on as if nothing had been, whoever still listens |
| `half`   | an answer that ends in the middle of its body                                       |
| `drip`   | an answer that takes `seconds`, byte by byte                                        |
| `cut`    | the connection reset when half of the request has come (the double of X only)       |
"""

import threading
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass
class Fault:
    """`path` is the endpoint's pattern (`/2/users/:id/tweets`); `skip` lets as many calls pass first.

    `user` is the platform's id of the one account it befalls; "" befalls whoever comes.
    """

    method: str
    path: str
    do: str
    when: str = "before"
    user: str = ""
    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    skip: int = 0
    times: int = 1

    def __post_init__(self) -> None:
        if self.do not in ("answer", "drop", "hang", "half", "drip", "cut") or self.when not in ("before", "after"):
            raise ValueError(f"no such fault: {self.do} {self.when}")


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[Fault] = []

    def add(self, description: dict[str, Any]) -> None:
        """This will script one fault; an unknown name in `description` is an error."""
        if unknown := description.keys() - {entry.name for entry in fields(Fault)}:
            raise ValueError(f"unknown: {sorted(unknown)}")
        with self._lock:
            self._queue.append(Fault(**description))

    def take(self, method: str, path: str, user: str = "", *, cut: bool = False) -> Fault | None:
        """This will give the fault that befalls this call of the account `user`, if one does.

        `cut`: whether the request is only about to be read.
        """
        with self._lock:
            for fault in self._queue:
                if (fault.do == "cut") != cut:
                    continue
                if (fault.method, fault.path) == (method, path) and fault.user in ("", user):
                    if fault.skip:
                        fault.skip -= 1
                        return None
                    fault.times -= 1
                    if not fault.times:
                        self._queue.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()
