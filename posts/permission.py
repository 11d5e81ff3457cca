"""Whether whoever acts may send posts out at all, or keep them from it. Every verb asks: no screen can forget to.

Who acts is known from the request (openpost/acting.py). What an API key may do, the API asks of its scope; the machine
and whoever is at its command line may everything.
"""

from integrations.people.roles import Permission, may
from openpost import acting
from openpost.acting import Kind
from openpost.api.errors import refuse

from .models import Post, PostStatus


def require_publisher(post: Post, *, scheduled: bool = True) -> None:
    """This will raise a 403 for a person whose role is for drafts alone, if the post is scheduled or is to be."""
    who = acting.current()
    if not scheduled and post.status == PostStatus.DRAFT:
        return
    if who.kind == Kind.PERSON and not (who.user and may(who.user, post.workspace_id, Permission.PUBLISH)):
        sentence = "Your role here is for drafts: others schedule, publish and cancel."
        raise refuse("forbidden", sentence, field="/status", status=403)
