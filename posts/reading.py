"""What an answer shows of a workspace's posts: their own rows are there, the rest of all of them comes in one query,
and in a second one where there are files.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from integrations.models import Workspace
from openpost.written_once import WrittenOnce

from .models import Attachment, Media, Post, PostTarget


@dataclass(frozen=True, slots=True)
class Shown:
    """A post, its targets in its author's order, with their accounts but no credentials, and its files by part."""

    post: Post
    targets: list[PostTarget] = field(default_factory=list)
    files: dict[int, list[Media]] = field(default_factory=dict)


def shown(posts: Collection[Post], workspace: Workspace) -> list[Shown]:
    """This will read what belongs to posts of one workspace, in their order."""
    found = {post.id: Shown(post) for post in posts}
    with_files = set()
    for target in _TARGETS(workspace.id, list(found)) if found else ():
        target.integration.workspace = workspace
        found[target.post_id].targets.append(target)
        if target.has_files:
            with_files.add(target.post_id)
    for one in _ATTACHMENTS(list(with_files)) if with_files else ():
        found[one.post_id].files.setdefault(one.part, []).append(one.media)
    return list(found.values())


def shown_now(post: Post) -> Shown:
    """This will read a post anew, with what belongs to it; raises Post.DoesNotExist."""
    rows = _POST(post.id)
    if not rows:
        raise Post.DoesNotExist
    return shown(rows, post.workspace)[0]


_POST = WrittenOnce(lambda post_id: Post.objects.filter(id=post_id), uuid.UUID(int=1))
# By the workspace too, though the posts say it: else PostgreSQL looks through all accounts there are.
_TARGETS = WrittenOnce(
    lambda workspace_id, post_ids: (
        PostTarget.objects.select_related("integration")
        .defer("integration__credentials")
        .annotate(has_files=Exists(Attachment.objects.filter(post=OuterRef("post"))))
        .filter(integration__workspace=workspace_id)
        .extra(where=["posts_posttarget.post_id = ANY(%s)"], params=[post_ids])
        .order_by("position", "id")
    ),
    uuid.UUID(int=1),
    [uuid.UUID(int=2)],
)
_ATTACHMENTS = WrittenOnce(
    lambda post_ids: Attachment.objects.extra(where=["post_id = ANY(%s)"], params=[post_ids]), [uuid.UUID(int=1)]
)
