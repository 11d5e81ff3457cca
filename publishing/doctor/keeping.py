"""Whether what is kept can be read: files, and whatever is encrypted."""

import uuid
from collections.abc import Iterator

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from openpost import rotation
from openpost.crypto import CredentialsUnreadable, current_version, decrypt
from openpost.rotation import Column
from posts.media.checks import files_must_be_shared

from ..health.finding import Finding, bad, good, warning

#: Rows that are read at a time.
BATCH = 500


def files() -> Iterator[Finding]:
    """This will write a small file where files are kept, read it, and remove it."""
    place, said = settings.STORAGES["default"]["BACKEND"].rpartition(".")[2], uuid.uuid4().bytes
    try:
        name = default_storage.save(f"doctor/{uuid.uuid4()}", ContentFile(said))
        try:
            with default_storage.open(name) as file:
                same = file.read() == said
        finally:
            default_storage.delete(name)
    except Exception as error:  # noqa: BLE001 - every store has errors of its own
        hint = "See that S3_BUCKET and its keys, or MEDIA_ROOT, may be written to by this user."
        yield bad("storage", f"No file can be kept ({place}: {type(error).__name__}).", hint)
        return
    if same:
        yield good("storage", f"A file was written, read and removed ({place}).")
    else:
        yield bad("storage", f"A file came back as another ({place}).", "Look at the store.")
    for message in files_must_be_shared(None):
        yield warning("storage_shared", message.msg, message.hint or "")


def encrypted() -> Iterator[Finding]:
    """This will decrypt every stored value, and count those that no key opens."""
    lost = {str(column): number for column in rotation.columns() if (number := _unreadable(column))}
    if not lost:
        yield good("encryption", f"Every stored secret can be read; key {current_version()} is the newest.")
        return
    what = "No key opens " + ", ".join(f"{number} of {column}" for column, number in lost.items()) + "."
    yield bad("encryption", what, "Put the key back into CREDENTIAL_KEYS, or connect those accounts again.")


def _unreadable(column: Column) -> int:
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {column.name} FROM {column.table}")  # noqa: S608  # our own names
        lost = 0
        while rows := cursor.fetchmany(BATCH):
            lost += sum(not _opens(stored) for (stored,) in rows if stored is not None)
        return lost


def _opens(stored: str) -> bool:
    try:
        decrypt(stored)
    except CredentialsUnreadable:
        return False
    return True
