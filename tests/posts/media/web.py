"""The web process itself, as the Procfile names it, and what it needs of memory."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests

from tests.system.stack import PROJECT, free_port

from . import films
from .sending import BOUNDARY, MULTIPART

MIB = 1024 * 1024


class WebProcess:
    """`with WebProcess(environment, key) as web`: gunicorn on a free port. Linux only: it reads /proc."""

    def __init__(self, environment: Mapping[str, str], key: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.headers = {"Authorization": f"Bearer {key}"}
        self._log = (folder / "web.log").open("wb")
        self._environment = {
            **environment,
            "DJANGO_SETTINGS_MODULE": "openpost.settings",
            "PORT": str(self.port),
            "BIND": "127.0.0.1",
            "OPENPOST_URL": self.url,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def __enter__(self) -> "WebProcess":
        lines = dict(line.split(": ", 1) for line in (PROJECT / "Procfile").read_text().splitlines() if ": " in line)
        self._process = subprocess.Popen(
            ["sh", "-c", f"exec {lines['web']}"],
            cwd=PROJECT,
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        give_up = time.monotonic() + 60
        while not self.answers():
            assert self._process.poll() is None, Path(self._log.name).read_text()
            assert time.monotonic() < give_up
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=30)
        self._log.close()

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.ConnectionError:
            return False

    def upload(self, size: int) -> Any:
        """POST /v1/media with a video of about so many bytes, made as it is sent."""
        head, tail = film(size)
        answer = requests.post(
            f"{self.url}/v1/media",
            data=Streamed(head, size, tail),
            headers={**self.headers, "Content-Type": MULTIPART},
            timeout=900,
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["media"]

    def memory(self) -> int:
        """Bytes that the working process holds now."""
        return self._status("VmRSS")

    def begin_peak(self) -> None:
        """From now on, `peak` is the most since."""
        Path(f"/proc/{self._worker}/clear_refs").write_text("5")

    def peak(self) -> int:
        return self._status("VmHWM")

    @property
    def _worker(self) -> int:
        pid = self._process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self._worker}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


class Streamed:
    """A body of a known length that nobody holds in memory."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self._parts = head, size, tail
        self._length = len(head) + size + len(tail)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        head, size, tail = self._parts
        yield head
        for at in range(0, size, MIB):
            yield bytes(min(MIB, size - at))
        yield tail


def film(size: int) -> tuple[bytes, bytes]:
    """What stands before and behind the `size` bytes of a film, its form included."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n\r\n'.encode()
    head += films.ftyp() + (size + 8).to_bytes(4, "big") + b"mdat"
    return head, films.moov(films.track(b"vide", b"avc1")) + f"\r\n--{BOUNDARY}--\r\n".encode()
