"""Who PostgreSQL runs as. It refuses root; as any other user there is nothing to do.

Root's files must stay root's, and a checkout under a 0700 folder such as /root must work, so for root it is one of:

- a user namespace, in which root is called by another number: the server sees itself unprivileged and, outside,
  remains the owner of root's files;
- where user namespaces are refused (Docker's default): the user `nobody`, who keeps one ambient capability,
  CAP_DAC_OVERRIDE, to walk through folders that are closed to others. The data then belongs to `nobody`.
"""

import ctypes
import os
import pwd
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import EmbeddedError
from .leash import libc

CLONE_NEWUSER = 0x10000000
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


@dataclass(frozen=True)
class Identity:
    """`assume` turns the calling process (a fresh child) into it; `owner` is the uid and gid of its files on disk."""

    name: str
    owner: tuple[int, int]
    assume: Callable[[], None] | None = None


def identity_for(folder: Path, program: Path) -> Identity:
    """This will give the first identity that can run the program and write in the folder. Errors: EmbeddedError."""
    if os.geteuid() != 0:
        return Identity("self", (os.geteuid(), os.getegid()))
    user = _unprivileged()
    candidates = (
        Identity("user namespace", (0, 0), lambda: _enter_user_namespace(user)),
        Identity(user.pw_name, (user.pw_uid, user.pw_gid), lambda: _become(user)),
    )
    for candidate in candidates:
        if _works(candidate, folder, program):
            return candidate
    raise EmbeddedError(
        "PostgreSQL refuses to run as root, and this machine lets root neither open a user namespace nor become "
        f"{user.pw_name}: run as another user, or set DATABASE_URL to a server of your own."
    )


def _unprivileged() -> pwd.struct_passwd:
    # initdb wants a number that has a name.
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return next(user for user in pwd.getpwall() if user.pw_uid != 0)


def _works(identity: Identity, folder: Path, program: Path) -> bool:
    def assume_and_look() -> None:
        assert identity.assume is not None  # noqa: S101
        identity.assume()
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
            raise PermissionError(folder)

    try:
        subprocess.run([program, "-V"], preexec_fn=assume_and_look, capture_output=True, check=True)  # noqa: S603
    except (subprocess.SubprocessError, OSError):
        return False
    return True


def _enter_user_namespace(user: pwd.struct_passwd) -> None:
    _check(libc.unshare(CLONE_NEWUSER))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user.pw_uid} 0 1")
    Path("/proc/self/gid_map").write_text(f"{user.pw_gid} 0 1")


def _become(user: pwd.struct_passwd) -> None:
    _check(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    kept = 1 << CAP_DAC_OVERRIDE
    # Effective, permitted, inheritable; twice, since capabilities are 64 bits wide. Where root was denied this
    # capability the calls fail, and whether the folder is open enough without it shows when it is tried.
    libc.capset(header, struct.pack("6I", kept, kept, kept, 0, 0, 0))
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def _check(result: int) -> None:
    if result != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))
