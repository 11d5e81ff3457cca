"""The environment, read in one place: typed, and with one clear line when something is missing or wrong.

Production is whenever a server is named (`DATABASE_URL` or `REDIS_URL`) and `DEBUG` is not set: a deployment that
forgets `DEBUG` is safe. With neither server named it is development, on embedded servers.
"""

import json
import logging
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from environs import Env, EnvError

T = TypeVar("T")

env = Env()

#: What a reader wants, for people.
_WANTED = {
    "bool": "on or off",
    "int": "a whole number",
    "list": "a comma separated list",
    "dj_email_url": "the address of a mail server, such as smtp://user:password@host:587/?tls=True",
    "dj_db_url": "the address of a database, such as postgres://user:password@host:5432/name",
}

#: Of SECRET_KEY, in characters: as Django's own check wants it.
SHORTEST_SECRET_KEY = 50
REQUIRED_IN_PRODUCTION = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "CREDENTIAL_KEYS")


def stop(reason: str) -> NoReturn:
    """This will end the process with one line, no traceback: the reader is an operator, not a programmer."""
    raise SystemExit(f"OpenPost cannot start: {reason}")


def read(reader: Callable[..., T], name: str, *args: Any, **kwargs: Any) -> T:
    """This will read one variable as its type, or stop the start naming it (never its value)."""
    try:
        return reader(name, *args, **kwargs)
    except (EnvError, ValueError):
        wanted = _WANTED.get(reader.__name__, "text")
        stop(f"the environment variable {name} has a value that is not {wanted}.")


def address(name: str, *schemes: str, default: str = "") -> str:
    """This will read one variable that is an address of one of these schemes; no slash at its end."""
    value = read(env.str, name, default)
    if urlsplit(value).scheme not in schemes or not urlsplit(value).netloc:
        stop(f"the environment variable {name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    return value.rstrip("/")


def s3() -> dict[str, Any] | None:
    """This will give the S3 store that the environment names, as Django's STORAGES wants it; None when it names none.

    Without keys, the usual ways to them are tried (a role of the machine, for example).
    https://django-storages.readthedocs.io/en/latest/backends/amazon-S3.html
    """
    bucket = read(env.str, "S3_BUCKET", "")
    if not bucket:
        return None
    style = read(env.str, "S3_ADDRESSING_STYLE", "auto")
    if style not in ("auto", "path", "virtual"):
        stop("the environment variable S3_ADDRESSING_STYLE must be auto, path or virtual.")
    key, secret = read(env.str, "S3_ACCESS_KEY_ID", ""), read(env.str, "S3_SECRET_ACCESS_KEY", "")
    if bool(key) != bool(secret):
        stop("set both S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or neither.")
    return {
        "BACKEND": "posts.media.s3.S3",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": address("S3_ENDPOINT_URL", "https", "http") if os.environ.get("S3_ENDPOINT_URL") else None,
            "region_name": read(env.str, "S3_REGION", "") or None,
            "access_key": key or None,
            "secret_key": secret or None,
            "addressing_style": style,
        },
    }


def s3_origins(store: dict[str, Any] | None) -> list[str]:
    """The hosts that an S3 store sends browsers to for its files, as a Content-Security-Policy names them."""
    if store is None:
        return []
    endpoint = store["OPTIONS"]["endpoint_url"]
    if not endpoint:
        return ["https://*.amazonaws.com"]
    scheme, host = endpoint.split("://", 1)
    host = host.split("/", 1)[0]
    return [f"{scheme}://{host}", f"{scheme}://{store['OPTIONS']['bucket_name']}.{host}"]


def log_level() -> str:
    level = read(env.str, "LOG_LEVEL", "INFO").upper()
    if level not in logging.getLevelNamesMapping():
        stop("the environment variable LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    return level


def mail() -> dict[str, Any]:
    """This will give Django's settings for the mail server that EMAIL_URL names; empty when it names none.

    dj-email-url reads it, and says what may stand there: `smtp://user:password@host:587/?tls=True`.
    """
    if not os.environ.get("EMAIL_URL"):
        return {}
    said = read(env.dj_email_url, "EMAIL_URL")
    if not said.get("EMAIL_BACKEND"):
        stop("the environment variable EMAIL_URL must begin with smtp://.")
    return dict(said)


def version() -> str:
    """This will name what runs, as whoever deployed it does; Heroku does so with `runtime-dyno-metadata`.

    https://devcenter.heroku.com/articles/dyno-metadata
    """
    names = ("OPENPOST_VERSION", "HEROKU_RELEASE_VERSION", "HEROKU_SLUG_COMMIT")
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def log_format() -> str:
    """This will say how lines of the log are written: LOG_FORMAT, else JSON in production and for people elsewhere."""
    name = read(env.str, "LOG_FORMAT", "line" if debug() else "json")
    if name not in ("json", "line"):
        stop("the environment variable LOG_FORMAT must be json or line.")
    return name


def debug() -> bool:
    named = any(os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL"))
    return read(env.bool, "DEBUG", not named)


def require_production() -> None:
    """This will stop the start when a variable that production needs is missing, naming all of them at once."""
    missing = [name for name in REQUIRED_IN_PRODUCTION if not os.environ.get(name)]
    if missing:
        stop(f"set {', '.join(missing)} (production needs them; for development set DEBUG=1).")


def secret_key(debug: bool) -> str:
    """This will give the key that signs sessions, links and codes, or stop the start: none may be guessed."""
    key = read(env.str, "SECRET_KEY")
    if not debug and (len(key) < SHORTEST_SECRET_KEY or len(set(key)) < 10 or "insecure" in key.lower()):
        stop(
            f"SECRET_KEY must have {SHORTEST_SECRET_KEY} characters or more, at random; "
            "python -c 'import secrets; print(secrets.token_urlsafe(48))' makes one."
        )
    return key


def development_secrets(home: Path) -> dict[str, str]:
    """This will give the keys of this checkout, made once and kept readable by its owner only.

    Shape: `{"SECRET_KEY": str, "CREDENTIAL_KEYS": "1:<fernet key>"}`. Two processes that start at once agree, since
    the file appears under its name only when complete, and only once.
    """
    path = home / "secrets.json"
    if not path.exists():
        home.mkdir(exist_ok=True)
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "CREDENTIAL_KEYS": f"1:{Fernet.generate_key().decode()}",
        }
        draft = home / f"secrets.{os.getpid()}.tmp"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(made, file)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    kept: dict[str, str] = json.loads(path.read_text())
    return kept
