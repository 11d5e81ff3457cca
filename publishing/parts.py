"""What each part of a thread says, as the ledger keeps it: once its first part was sent, nothing of it changes."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from integrations.platforms.base import Draft, MediaKind, Medium


def freeze(draft: Draft) -> dict[str, Any]:
    """The draft as JSON."""
    media = [asdict(medium) | {"id": str(medium.id)} for medium in draft.media]
    return asdict(draft) | {"settings": dict(draft.settings), "media": media}


def thaw(kept: Mapping[str, Any]) -> Draft:
    """The draft that was frozen."""
    media = (one | {"id": UUID(one["id"]), "kind": MediaKind(one["kind"])} for one in kept["media"])
    return Draft(**{**kept, "media": tuple(Medium(**one) for one in media)})
