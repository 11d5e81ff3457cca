"""What tells platforms how to run the service agrees with the Procfile, with the settings and with the README."""

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet

from openpost.environment import REQUIRED_IN_PRODUCTION

from .test_api_start import LOAD, PRODUCTION, PROJECT, start

PROCFILE = dict(line.split(": ", 1) for line in (PROJECT / "Procfile").read_text().splitlines())
APP: dict[str, Any] = json.loads((PROJECT / "app.json").read_text())
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
ROLES = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "openpost"}
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
EXAMPLE = dict(
    line.split("=", 1) for line in (PROJECT / ".env.example").read_text().splitlines() if line and line[0] != "#"
)
SECRET = re.compile(r"SECRET|KEY|TOKEN|PASSWORD")


def known() -> set[str]:
    """The variables that the settings and the Procfile read."""
    python = [PROJECT / "openpost/environment.py", *(PROJECT / "openpost/settings").glob("*.py")]
    names = {name for path in python for name in re.findall(r'"([A-Z][A-Z0-9_]+)"', path.read_text())}
    return names | set(re.findall(r"\$\{([A-Z_]+)", (PROJECT / "Procfile").read_text()))


def in_the_readme() -> set[str]:
    rows = [line for line in (PROJECT / "README.md").read_text().splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row.split("|")[1])}


# app.json ------------------------------------------------------------------------------------------------------------


def test_app_json_starts_each_process_of_the_procfile() -> None:
    assert set(APP["formation"]) == set(PROCFILE) - {"release"}
    assert APP["formation"]["beat"]["quantity"] == 1


def test_app_json_names_variables_that_are_read_and_explained() -> None:
    assert set(APP["env"]) <= known() & in_the_readme()
    assert all(one["description"] for one in APP["env"].values())


def test_app_json_has_all_that_production_needs() -> None:
    from_addons = {"DATABASE_URL", "REDIS_URL"}
    assert {addon["plan"].split(":")[0] for addon in APP["addons"]} == {"heroku-postgresql", "heroku-redis"}
    assert {name for name, one in APP["env"].items() if one.get("required", True)} >= (
        set(REQUIRED_IN_PRODUCTION) - from_addons
    )


def test_app_json_has_no_secret_in_it() -> None:
    assert [name for name, one in APP["env"].items() if SECRET.search(name) and "value" in one] == []


def test_it_starts_with_what_app_json_gives() -> None:
    given = {name: one["value"] for name, one in APP["env"].items() if "value" in one}
    # What Heroku makes for a "generator": 64 hexadecimal digits.
    given |= {name: "0123456789abcdef" * 4 for name, one in APP["env"].items() if one.get("generator") == "secret"}

    done = start(LOAD, PRODUCTION | given)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tls"] == {"ssl_cert_reqs": "none"}


def test_app_json_fits_the_connections_of_its_plan() -> None:
    """heroku-postgresql:essential-0 has 20. As docs/operations.md counts: web, worker, beat and a release."""
    web, worker = (int(APP["env"][name]["value"]) for name in ("WEB_THREADS", "WORKER_CONCURRENCY"))
    assert (web + 2) + (worker + 2) + 1 + 1 <= 20


# The image -----------------------------------------------------------------------------------------------------------


def instructions(name: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.split(None, 1)[1] for line in joined.splitlines() if line.startswith(f"{name} ")]


def test_the_image_stands_on_what_cannot_change_and_takes_only_checked_packages() -> None:
    outside = [image for image in instructions("FROM") if image.split()[0] not in {"python", "build"}]
    assert outside
    assert all(re.match(r"\S+:[\d.]+-\S+@sha256:[0-9a-f]{64} ", image) for image in outside)
    (install,) = (run for run in instructions("RUN") if "pip install" in run)
    assert "--require-hashes" in install
    assert "-r requirements.txt" in install


def test_the_image_runs_as_nobody_who_owns_anything_in_it() -> None:
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    (user,) = re.findall(r"^USER (\S+)$", last, re.MULTILINE)
    assert int(user) > 0
    assert f"--uid {user}" in last
    assert "--chown" not in last
    for written in last[last.index("\nUSER ") :].splitlines():
        assert not written.startswith(("RUN ", "COPY ", "ADD ")), written


def test_the_image_makes_static_files_with_keys_that_are_made_up_there() -> None:
    (run,) = (run for run in instructions("RUN") if "collectstatic" in run)
    assert set(re.findall(r"\b([A-Z][A-Z_]+)=", run)) == set(REQUIRED_IN_PRODUCTION)
    assert set(re.findall(r"\b([A-Z][A-Z_]+)=(?:1:)?\$\(", run)) == {"SECRET_KEY", "CREDENTIAL_KEYS"}
    kept = " ".join(instructions("ENV") + instructions("ARG"))
    assert not SECRET.search(kept), kept


def test_the_image_has_no_file_that_may_hold_a_secret() -> None:
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    assert {".*", "*.pem", "tests"} <= set(ignored)
    assert not [line for line in ignored if line.startswith("!")]


@pytest.mark.parametrize("name", ["role", "healthy"])
def test_the_image_can_run_its_two_programs(name: str) -> None:
    path = Path(PROJECT / "bin" / name)
    assert path.stat().st_mode & stat.S_IXOTH
    assert f'"bin/{name}"' in DOCKERFILE


# compose -------------------------------------------------------------------------------------------------------------


def test_compose_has_one_image_for_every_process_of_the_procfile() -> None:
    assert {name: service["command"] for name, service in ROLES.items()} == {name: [name] for name in PROCFILE}
    assert "replicas" not in (PROJECT / "compose.yaml").read_text(), "of beat there is one"


def test_compose_lets_nothing_start_before_the_release_has_ended() -> None:
    assert set(ROLES["release"]["depends_on"]) == {"postgres", "redis"}
    for name in set(ROLES) - {"release"}:
        assert ROLES[name]["depends_on"] == {"release": {"condition": "service_completed_successfully"}}, name
    assert ROLES["release"]["restart"] == "no"


def test_compose_gives_the_roles_nothing_to_write_but_files_and_what_is_forgotten() -> None:
    for name, role in ROLES.items():
        assert role["read_only"], name
        assert role["cap_drop"] == ["ALL"], name
        assert (role["tmpfs"], role["volumes"]) == (["/tmp"], ["media:/media"]), name  # noqa: S108  # in a container
        assert role["environment"]["MEDIA_ROOT"] == "/media", name
        # SIGTERM's 20 s (docs/operations.md), and some.
        assert role["stop_grace_period"] == "30s", name


def test_compose_names_variables_that_are_read_and_holds_no_secret() -> None:
    named = {name for role in ROLES.values() for name in role["environment"]}
    assert named <= known()
    assert all(role["env_file"] == ".env" for role in ROLES.values())
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            assert not SECRET.search(name) or value.startswith("${"), name
    assert re.findall(r"postgres://openpost:([^@]*)@", (PROJECT / "compose.yaml").read_text()) == [
        "${POSTGRES_PASSWORD:?is not in .env}"
    ]


def test_the_example_has_every_name_that_compose_leaves_to_it_and_no_secret() -> None:
    from_compose = {"DATABASE_URL", "REDIS_URL"}
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", (PROJECT / "compose.yaml").read_text()))
    assert set(EXAMPLE) >= asked | (set(REQUIRED_IN_PRODUCTION) - from_compose)
    assert set(EXAMPLE) - asked <= known()
    assert {value for name, value in EXAMPLE.items() if SECRET.search(name)} == {""}
    ignored = (PROJECT / ".gitignore").read_text().splitlines()
    assert ".env" in ignored


def test_the_keys_that_the_example_has_made_are_good() -> None:
    """Of the commands in its comments; they need nothing but Python, on a machine that has nothing else."""
    commands = re.findall(r"python3 -c '(.+)'$", (PROJECT / ".env.example").read_text(), re.MULTILINE)
    key, credentials, password = (start(command, {}).stdout.strip() for command in commands)

    Fernet(credentials.removeprefix("1:").encode())
    assert start(LOAD, PRODUCTION | {"SECRET_KEY": key, "CREDENTIAL_KEYS": credentials}).returncode == 0
    assert password.isalnum(), "it stands in an address as it is"
