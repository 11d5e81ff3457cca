"""Files that nothing speaks of any more: a process was killed before it wrote the row, or after it removed it."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from posts.models import Media

#: Younger ones may be on their way: an upload takes no day.
LEFT_ALONE_FOR = timedelta(days=1)
#: Names that the database is asked for at once.
BATCH = 500


def sweep(*, now: datetime) -> int:
    """This will remove what has been left behind for a day, and give its number. It may run beside everything."""
    old = now - LEFT_ALONE_FOR
    names, removed = _kept(), 0
    while batch := list(islice(names, BATCH)):
        removed += _remove_unknown(batch, old)
    return removed + _remove_incoming(old)


def _kept() -> Iterator[str]:
    """The names of all files that are kept, workspace by workspace."""
    folders, _ = default_storage.listdir("")
    for folder in folders:
        if _is_id(folder):
            yield from (f"{folder}/{name}" for name in default_storage.listdir(folder)[1])


def _remove_unknown(names: list[str], old: datetime) -> int:
    known = set(Media.objects.filter(file__in=names).values_list("file", flat=True))
    removed = 0
    for name in names:
        if name not in known and default_storage.get_modified_time(name) < old:
            default_storage.delete(name)
            removed += 1
    return removed


def _remove_incoming(old: datetime) -> int:
    """What uploads that were killed left on this machine."""
    left = [
        path
        for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < old
    ]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _is_id(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False
