"""Admin of this room, one file per subject. Django finds the registrations here."""

from .events import EVENT_TONES, EventAdmin
from .posts import PostAdmin
from .targets import PostTargetAdmin, bare_targets

__all__ = ["EVENT_TONES", "EventAdmin", "PostAdmin", "PostTargetAdmin", "bare_targets"]
