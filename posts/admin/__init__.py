"""Admin of this room, one file per subject. Django finds the registrations here."""

from .posts import PostAdmin
from .targets import PostTargetAdmin, bare_targets

__all__ = ["PostAdmin", "PostTargetAdmin", "bare_targets"]
