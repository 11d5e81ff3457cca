"""The roles as the image runs them: from what its build copies, in production, with nothing to write but what compose
gives. No Docker is needed: where the system lets us, all other folders are read-only to the processes.
"""

import base64
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

from tests import builders

from .seeding import Seeder
from .stack import PROJECT, Program, Stack
from .test_sandbox import now

HOST = "posts.example.com"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)

pytestmark = pytest.mark.exhaustive
#: The tree's and every other folder read-only, but for two: $MEDIA, as the volume is, and $TMPDIR, as the tmpfs is.
READ_ONLY = """
mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; mount --bind "$MEDIA_ROOT" "$MEDIA_ROOT"
mount -o remount,bind,ro /; mount -t tmpfs tmpfs "$TMPDIR"; shift; exec "$@"
"""


@cache
def apart() -> list[str]:
    """The command before READ_ONLY that gives a process mounts of its own; empty where nobody may have that."""
    for how in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        if (
            subprocess.run([*how, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False).returncode
            == 0
        ):
            return how
    return []


class Container(Stack):
    """The service from `tree`, with no variable but those of compose, .env and the image."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, name="image")
        self.tree = folder / "app"
        for name in ("media", "tmp"):
            (folder / name).mkdir()
        self.environ = {
            "PATH": self.environ["PATH"],
            "SECRET_KEY": "a-key-of-the-tests-" + "0123456789abcdef" * 2,
            "CREDENTIAL_KEYS": "1:" + base64.urlsafe_b64encode(bytes(range(32))).decode(),
            "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
            "OPENPOST_URL": f"https://{HOST}",
            "MEDIA_ROOT": str(folder / "media"),
            "MEDIA_ROOT_IS_SHARED": "1",
            "TMPDIR": str(folder / "tmp"),
            "PYTHONDONTWRITEBYTECODE": "1",
            **{name: self.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "PORT", "BIND")},
        }

    def build(self) -> None:
        """This will do what the Dockerfile does to the code."""
        for name in copied():
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / name).write_bytes((PROJECT / name).read_bytes())
            (self.tree / name).chmod((PROJECT / name).stat().st_mode)
        joined = (PROJECT / "Dockerfile").read_text().replace("\\\n", " ")
        (make_static,) = re.findall(r"^RUN (.*collectstatic.*)$", joined, re.MULTILINE)
        only_path = {"PATH": self.environ["PATH"]}
        subprocess.run(["sh", "-euc", make_static], cwd=self.tree, env=only_path, check=True, capture_output=True)

    def start(self, *names: str) -> None:
        self.create_database()
        self.begin("release")
        assert self.processes.pop("release").wait(timeout=120) == 0, self.log("release")
        for name in names:
            self.begin(name)
        self._wait_until_ready()

    def begin(self, name: str, *, called: str = "") -> None:
        command = [str(self.tree / "bin/role"), name]
        if apart():
            command = [*apart(), "sh", "-euc", READ_ONLY, "sh", str(self.tree), *command]
        with (self.folder / f"{called or name}.log").open("ab") as log:
            self.processes[called or name] = subprocess.Popen(
                command, cwd="/", env=self.environ, stdout=log, stderr=log, start_new_session=True
            )

    def written(self) -> set[str]:
        """The files of the tree, with when each was written."""
        return {f"{path} {path.stat().st_mtime_ns}" for path in self.tree.rglob("*")}


def copied() -> list[str]:
    """The files that `COPY . .` takes, as .dockerignore leaves them."""
    ask = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(ask, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.splitlines()
    ignored = [line for line in (PROJECT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]

    def left_out(name: str) -> bool:
        top, *within = name.split("/")
        anywhere = [pattern.removeprefix("**/") for pattern in ignored if pattern.startswith("**/")]
        return any(fnmatch(top, pattern) for pattern in ignored) or any(part in anywhere for part in (top, *within))

    return [name for name in names if not left_out(name) and (PROJECT / name).exists()]


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    container = Container(tmp_path_factory.mktemp("image"))
    try:
        container.build()
        container.start("web", "worker", "beat")
        yield container
    finally:
        container.stop()


@pytest.fixture(scope="module")
def program(container: Container) -> Program:
    """A program behind the proxy that ends TLS."""
    with Seeder({**container.environ, "DJANGO_SETTINGS_MODULE": "openpost.settings"}) as seed:
        key = seed(builders.api_key, seed(builders.workspace, "sandbox"))
    program = Program(container.url, key)
    program.session.headers.update({"Host": HOST, "X-Forwarded-Proto": "https"})
    return program


def test_a_post_with_a_picture_goes_out_and_nothing_is_written_into_the_image(
    container: Container, program: Program
) -> None:
    before = container.written()
    files = {"file": ("dot.png", PICTURE, "image/png")}
    media = program.session.post(f"{container.url}/v1/media", files=files, timeout=20).json()["media"]
    body = {"content": "From the image", "platforms": ["mastodon"], "schedule_at": now(), "media_ids": [media["id"]]}

    post = program.wait(program.call("POST", "/v1/posts", body, status=201)["id"], "published", "failed", within=30)

    assert post["status"] == "published", post
    assert list((container.folder / "media").rglob("*.png"))
    assert container.written() == before


def test_its_pages_have_the_static_files_that_the_build_made(container: Container, program: Program) -> None:
    page = program.session.get(f"{container.url}/admin/login/", timeout=20)
    sheets = re.findall(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page.text)
    assert sheets
    for sheet in sheets:
        assert program.session.get(container.url + sheet, timeout=20).status_code == 200, sheet


def test_its_health_check_says_whether_web_answers(container: Container) -> None:
    check = [sys.executable, str(container.tree / "bin/healthy")]
    assert subprocess.run(check, env=container.environ, check=False).returncode == 0
    elsewhere = container.environ | {"PORT": "1"}
    assert subprocess.run(check, env=elsewhere, capture_output=True, check=False).returncode == 1


def test_it_runs_what_is_no_role_as_it_stands(container: Container) -> None:
    command = [str(container.tree / "bin/role"), "python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=container.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_each_role_ends_when_told_so(container: Container) -> None:
    """The last of this file: nothing runs after it."""
    assert {name: container.end(name, signal.SIGTERM) for name in ("web", "worker", "beat")} == {
        "web": 0,
        "worker": 0,
        "beat": 0,
    }
