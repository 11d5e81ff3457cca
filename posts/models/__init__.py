from posts.status import PostStatus, TargetStatus

from .post import Post
from .target import PostTarget

__all__ = ["Post", "PostStatus", "PostTarget", "TargetStatus"]
