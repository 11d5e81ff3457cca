"""Admin of this room, one file per subject. Django finds the registrations here."""

from .accounts import AccountAdmin
from .events import EVENT_TONES, EventAdmin
from .media import MediaAdmin
from .posts import PostAdmin
from .targets import PostTargetAdmin, bare_targets

__all__ = ["EVENT_TONES", "AccountAdmin", "EventAdmin", "MediaAdmin", "PostAdmin", "PostTargetAdmin", "bare_targets"]
