from posts.status import PostStatus, TargetStatus

from .autosave import Autosave
from .event import Event, EventKind
from .media import Attachment, Media
from .post import Post
from .target import PostTarget

__all__ = ["Attachment", "Autosave", "Event", "EventKind", "Media", "Post", "PostStatus", "PostTarget", "TargetStatus"]
