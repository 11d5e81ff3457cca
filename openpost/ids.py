"""Ids as addresses and forms name them."""

import uuid

#: Ids of one list that are read.
MOST = 100


def id_in(text: str) -> uuid.UUID | None:
    """This will read an id; None of what is none, and so the id of nothing."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def ids_in(text: str) -> tuple[uuid.UUID, ...]:
    """This will read ids with commas between them, each once; what is none is left out."""
    found = map(id_in, text.split(",")[:MOST])
    return tuple(dict.fromkeys(one for one in found if one))
