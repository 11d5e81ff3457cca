"""The pictures of accounts as we keep them: small squares in the media storage, named after the account and the bytes.

So a name never comes to stand for other bytes, browsers may keep what they have for ever, and no two accounts share a
file.
"""

import uuid
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from integrations.models import Integration

FOLDER = "avatars"
TYPE = "image/webp"


def put(picture: bytes, *, of: uuid.UUID) -> str:
    """This will store the picture of an account and give its name there."""
    name = f"{FOLDER}/{of}-{sha256(picture).hexdigest()[:32]}.webp"
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(picture))


def read(name: str) -> bytes:
    """The bytes of a picture. Raises FileNotFoundError."""
    with default_storage.open(name) as file:
        content: bytes = file.read()
    return content


def remove(name: str) -> None:
    """This will remove a picture that no row names any more; "" is none."""
    if name:
        default_storage.delete(name)


def address(account: Integration) -> str:
    """Where a browser gets the account's picture, if its person may see the account; "" for an account without one."""
    if not account.avatar:
        return ""
    return reverse("admin-avatar", args=[account.pk, account.avatar.removeprefix(f"{FOLDER}/")])


def unnamed() -> list[str]:
    """The files that are no account's picture, or no longer: a process was killed, or an account let go meanwhile."""
    try:
        _, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:  # no account ever had one
        return []
    named = set(Integration.objects.exclude(avatar="").values_list("avatar", flat=True))
    return [path for name in names if (path := f"{FOLDER}/{name}") not in named]
