"""Admin of this room, one file per subject. Django finds the registrations here.

It adds to the pages of posts and targets what the machine did: posts may not import this room.
"""

from . import beat, ledger, posts, targets

__all__ = ["beat", "ledger", "posts", "targets"]
