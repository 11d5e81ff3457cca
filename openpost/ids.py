"""Ids as addresses and forms name them."""

import uuid


def id_in(text: str) -> uuid.UUID | None:
    """This will read an id; None of what is none, and so the id of nothing."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
