from posts.status import PostStatus, TargetStatus

from .event import Event, EventKind
from .post import Post
from .target import PostTarget

__all__ = ["Event", "EventKind", "Post", "PostStatus", "PostTarget", "TargetStatus"]
