"""Files that nothing speaks of any more: a process was killed before it wrote the row, or after it removed it."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import PurePosixPath

from django.core.files.storage import FileSystemStorage, Storage, default_storage

from integrations.avatars import kept as avatars
from integrations.platforms.sandbox import media as sandbox
from posts.models import Media

from . import receiving

#: Younger ones may be on their way: an upload takes no day.
LEFT_ALONE_FOR = timedelta(days=1)
#: Names that the database is asked for at once.
BATCH = 500


def sweep(*, now: datetime) -> int:
    """This will remove what has been left behind for a day, and give its number. It may run beside everything.

    What the sandbox network has beside no post (which went with its workspace, or was never made) goes after a month.
    """
    old = now - LEFT_ALONE_FOR
    names, removed = _kept(), 0
    while batch := list(islice(names, BATCH)):
        removed += _remove_unknown(batch, old)
    removed += sum(_remove_old(default_storage, name, now - sandbox.KEPT_FOR) for name in sandbox.unnamed())
    removed += sum(_remove_old(default_storage, name, old) for name in avatars.unnamed())
    return removed + _remove_incoming(old)


def _kept() -> Iterator[str]:
    """The names of all files that are kept, workspace by workspace."""
    folders, _ = default_storage.listdir("")
    for folder in folders:
        if _is_id(folder):
            yield from (f"{folder}/{name}" for name in default_storage.listdir(folder)[1])


def _remove_unknown(names: list[str], old: datetime) -> int:
    # By the ids that the names begin with: of the names themselves there is no index.
    ids = [stem for name in names if _is_id(stem := PurePosixPath(name).stem)]
    known = set(Media.objects.filter(id__in=ids).values_list("file", flat=True))
    return sum(_remove_old(default_storage, name, old) for name in names if name not in known)


def _remove_incoming(old: datetime) -> int:
    """What uploads that were killed left on this machine."""
    waiting = FileSystemStorage(location=receiving.folder())
    return sum(_remove_old(waiting, name, old) for name in waiting.listdir("")[1])


def _remove_old(storage: Storage, name: str, old: datetime) -> bool:
    try:
        if storage.get_modified_time(name) >= old:
            return False
    except FileNotFoundError:  # somebody else was quicker
        return False
    storage.delete(name)
    return True


def _is_id(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False
