"""The embedded servers, with real processes that come, go and are killed."""

import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
import pytest
import redis

from openpost.embedded import EmbeddedError, ensure, flocks, identity
from openpost.embedded.keeper import keep
from tests.openpost.servers import PROJECT, Client, keepers, kill_all, running, soon

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A home whose database is made, to copy: making one takes a second."""
    with tempfile.TemporaryDirectory() as folder:
        client = Client(Path(folder))
        client.urls()
        client.leave()
        assert soon(lambda: not running(Path(folder)))
        yield Path(folder)


@pytest.fixture
def home(made: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        shutil.copytree(made, home)
        yield home
        kill_all(home)
        assert soon(lambda: not running(home))


def write(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def read(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT answer FROM kept").fetchone()
        assert row
        return int(row[0])


def test_it_starts_both_servers_with_passwords_and_stops_them_with_the_last_client(home: Path) -> None:
    first, second = Client(home), Client(home)
    assert first.urls() == second.urls()
    third = Client(home)
    database_url, redis_url = third.urls()
    write(database_url)
    assert redis.Redis.from_url(redis_url).ping()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(database_url.replace(":openpost:", ":", 1).replace("openpost:", "openpost:wrong", 1))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url("redis://" + redis_url.split("@")[1]).ping()
    first.leave()
    second.kill()
    time.sleep(0.3)
    assert read(database_url) == 42
    third.kill()
    assert soon(lambda: not running(home))
    assert not list(home.rglob("address.json"))
    assert not list(home.rglob("*.pid"))


def test_it_shows_its_secrets_to_nobody_else(home: Path) -> None:
    client = Client(home)
    client.urls()
    secrets = [*home.glob("*/address.json"), home / "postgres/password", home / "redis/redis.conf"]
    assert len(secrets) == 4
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}
    password = (home / "postgres/password").read_text()
    assert not [command for command in running(home).values() if password in command]
    client.leave()


def test_it_starts_one_server_for_many_clients_at_once_also_while_one_is_going_away(home: Path) -> None:
    for _ in range(3):
        clients = [Client(home) for _ in range(6)]
        assert len({tuple(client.urls()) for client in clients}) == 1
        assert len(keepers(home)) == 2
        for client in clients:
            client.kill()  # and the next six come while the keepers are stopping
    assert soon(lambda: not running(home))


def test_it_goes_on_for_a_process_forked_from_a_client(home: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path; from openpost.embedded import ensure\n"
        "url = ensure(Path(sys.argv[1]), redis=False).database_url\n"
        "if os.fork() == 0: print(url, flush=True); time.sleep(2)\n"
        "else: time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, home], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    url = parent.stdout.readline().strip()
    parent.kill()
    parent.wait()
    time.sleep(0.3)
    psycopg.connect(url).close()
    parent.stdout.close()
    assert soon(lambda: not running(home))


@needs_linux
def test_it_starts_again_after_its_keepers_were_killed(home: Path) -> None:
    client = Client(home)
    write(client.urls()[0])
    for pid in keepers(home):
        os.kill(pid, signal.SIGKILL)
    again = Client(home)
    assert read(again.urls()[0]) == 42
    assert len(keepers(home)) == 2
    client.kill()
    again.leave()


def test_it_keeps_its_data_when_everything_is_killed_and_another_program_has_its_pid(home: Path) -> None:
    begun = time.monotonic()
    client = Client(home)
    write(client.urls()[0])
    first = time.monotonic() - begun  # as long as this machine takes, for more
    kill_all(home)
    client.kill()
    assert soon(lambda: not running(home))
    pid_file = home / "postgres/data/postmaster.pid"
    _, *rest = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *rest]) + "\n")
    begun = time.monotonic()
    again = Client(home)
    assert read(again.urls()[0]) == 42
    assert time.monotonic() - begun < first + 5
    again.leave()


def test_it_works_at_a_long_path_and_changes_no_mode_above_it(made: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    home = closed / ("long " * 40) / 'ünï\'code "quoted"' / "home"
    home.parent.mkdir(parents=True)
    closed.chmod(0o700)
    shutil.copytree(made, home)
    before = [(folder, folder.stat().st_mode) for folder in home.parents]
    client = Client(home)
    psycopg.connect(client.urls()[0]).close()
    client.leave()
    assert soon(lambda: not running(home))
    assert [(folder, folder.stat().st_mode) for folder in home.parents] == before


def test_it_makes_its_data_anew_after_a_first_start_that_was_killed(tmp_path: Path) -> None:
    client = Client(tmp_path / "home")
    assert soon((tmp_path / "home/postgres/data.new/global").exists)
    kill_all(tmp_path / "home")
    client.kill()
    again = Client(tmp_path / "home")
    psycopg.connect(again.urls()[0]).close()
    again.leave()
    assert soon(lambda: not running(tmp_path / "home"))


@needs_root
@pytest.mark.parametrize("name", ["user namespace", "nobody"])
def test_it_runs_as_root_either_way_and_hands_the_data_over(
    home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.parent.chmod(0o700)
    works = identity._works
    monkeypatch.setattr(identity, "_works", lambda candidate, *rest: candidate.name == name and works(candidate, *rest))
    keeper = multiprocessing.get_context("fork").Process(target=keep_until_killed, args=(home,))
    keeper.start()
    address = home / "postgres/address.json"
    assert soon(address.exists), (home / "logs/postgres.log").read_text()
    url = address.read_text().split('"')[3]
    psycopg.connect(url).close()
    owner = 0 if name == "user namespace" else pwd.getpwnam("nobody").pw_uid
    assert (home / "postgres/data/base").stat().st_uid == owner
    keeper.kill()
    keeper.join()
    assert soon(lambda: not running(home))  # the leash holds through the change of identity
    client = Client(home)  # by its own choice again
    psycopg.connect(client.urls()[0]).close()
    client.leave()


def keep_until_killed(home: Path) -> None:
    flocks.share(flocks.open_lock(home / "postgres/flock/clients"))
    keep(home, "postgres", durable=False, report=os.open(os.devnull, os.O_WRONLY))


@needs_root
def test_it_says_in_one_sentence_that_another_users_data_is_in_the_way(home: Path) -> None:
    home.parent.chmod(0o755)
    ours, theirs = multiprocessing.Pipe()
    # Forked, since an unprivileged user may not reach this Python.
    stranger = multiprocessing.get_context("fork").Process(target=ensure_as_nobody, args=(home, theirs))
    stranger.start()
    assert ours.recv().endswith("belongs to another user: start as that user, or move it away.")
    stranger.join()


def ensure_as_nobody(home: Path, answer: Connection) -> None:
    os.setuid(pwd.getpwnam("nobody").pw_uid)
    try:
        ensure(home)
    except EmbeddedError as error:
        answer.send(str(error))


@needs_root
def test_it_says_what_to_do_when_root_can_become_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "_works", lambda *_: False)
    with pytest.raises(EmbeddedError, match="set DATABASE_URL"):
        identity.identity_for(tmp_path, Path("postgres"))
