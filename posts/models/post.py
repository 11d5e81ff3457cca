"""What is to be said."""

import uuid
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Prefetch, Q, Value
from django.db.models.functions import MD5
from django.utils.translation import gettext_lazy

from integrations.models import Integration, Workspace
from integrations.platforms import registry
from integrations.platforms.base import MOST_PARTS, Draft
from posts.status import PostStatus

from .search import Grams, PostText

if TYPE_CHECKING:
    from .media import Media


#: Somebody has asked for approval, and nobody has given it yet.
AWAITS_APPROVAL = Q(approval_requested_at__isnull=False, approved_at__isnull=True)


class PostQuerySet(models.QuerySet["Post"]):
    def awaiting_approval(self) -> "PostQuerySet":
        return self.filter(AWAITS_APPROVAL)

    def with_targets(self) -> "PostQuerySet":
        """All that an answer or a list shows, in four queries whatever the number of posts; no credential is read."""
        return self.prefetch_related(
            "targets",
            "attachments",
            Prefetch("targets__integration", Integration.objects.select_related("workspace").defer("credentials")),
        )


class Post(models.Model):
    """One thing to say, in one workspace. Its status is moved only by lifecycle.py, together with its targets'."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="posts")
    group_id = models.UUIDField(null=True, blank=True, help_text=gettext_lazy("Links the posts of a campaign."))
    status = models.CharField(max_length=12, choices=PostStatus, default=PostStatus.DRAFT, editable=False)
    content = models.TextField()
    platform_overrides = models.JSONField(
        default=dict, blank=True, help_text=gettext_lazy("Another text per platform.")
    )
    platform_settings = models.JSONField(default=dict, blank=True, help_text=gettext_lazy("Options per platform."))
    thread = ArrayField(
        models.TextField(),
        default=list,
        db_default=Value([]),
        blank=True,
        help_text=gettext_lazy("The texts of the parts that follow the content."),
    )
    split = models.BooleanField(
        default=False,
        db_default=False,
        help_text=gettext_lazy("Texts that are too long become threads, platform by platform."),
    )
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    warnings = models.JSONField(default=list, blank=True, editable=False)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Beside the status: what waits for approval is a draft, with its time if it has one (approval.py).
    approval_requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    approval_requested_by = models.CharField(max_length=255, blank=True, db_default="", editable=False)
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    approved_by = models.CharField(max_length=255, blank=True, db_default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    #: The files as they are about to be, while a verb decides whether they may (actions.py); else None.
    chosen_media: "dict[int, list[Media]] | None" = None

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PostStatus.values), name="post_status_is_known"),
            models.CheckConstraint(
                condition=Q(status=PostStatus.DRAFT) | Q(scheduled_at__isnull=False),
                name="a_post_that_is_no_draft_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status=PostStatus.PUBLISHED, published_at__isnull=False)
                | (~Q(status=PostStatus.PUBLISHED) & Q(published_at__isnull=True)),
                name="published_posts_and_only_they_have_published_at",
            ),
            models.CheckConstraint(
                condition=~AWAITS_APPROVAL | Q(status=PostStatus.DRAFT), name="what_waits_for_approval_is_a_draft"
            ),
        ]
        indexes = [
            # GET /v1/posts, newest first.
            models.Index(fields=["workspace", "-created_at", "-id"], name="post_list"),
            # … and admin's, of all workspaces or several.
            models.Index(fields=["-created_at", "-id"], name="post_list_of_all"),
            # GET /v1/posts?status=…
            models.Index(fields=["workspace", "status", "-created_at", "-id"], name="post_list_by_status"),
            # GET /v1/posts/group/{group_id}
            models.Index(
                fields=["workspace", "group_id", "created_at"],
                condition=Q(group_id__isnull=False),
                name="post_list_of_group",
            ),
            # GET /v1/posts?from=…&to=…
            models.Index(fields=["workspace", "scheduled_at"], name="post_list_by_time"),
            # GET /v1/posts?tag=…
            GinIndex(fields=["tags"], name="post_list_by_tag"),
            # GET /v1/posts?q=…
            GinIndex(Grams(PostText("content", "thread")), name="post_list_by_text"),
            # Which other posts say the same (repeating.py).
            models.Index(F("workspace"), MD5("content"), F("created_at").desc(), name="post_same_text"),
            # What waits for somebody's approval, the longest first.
            models.Index(
                fields=["workspace", "approval_requested_at"], condition=AWAITS_APPROVAL, name="post_awaits_approval"
            ),
        ]

    def __str__(self) -> str:
        return self.content[:60] or "(empty)"

    @property
    def awaits_approval(self) -> bool:
        return self.approval_requested_at is not None and self.approved_at is None

    def size(self) -> int:
        """About how many bytes it has: its texts."""
        return sum(len(text.encode()) for text in (self.content, *self.thread, *self.platform_overrides.values()))

    def text_for(self, platform: str) -> str:
        """What goes out on `platform`: its own text if it has one, else the content."""
        text: str = self.platform_overrides.get(platform, self.content)
        return text

    def parts_for(self, account: Integration) -> list[Draft]:
        """What the platform's rules judge and its client sends: one part, or a thread of them."""
        rules, settings = registry.PLATFORMS[account.platform], self.platform_settings.get(account.platform, {})
        media = self.media_by_part()
        whole = [
            Draft(text, settings, account.premium, tuple(one.medium() for one in media.get(number, ())), number)
            for number, text in enumerate([self.text_for(account.platform), *self.thread])
        ]
        if not self.split:
            return whole
        parts: list[Draft] = []
        for draft in whole:
            # A thread of more parts is refused: to take apart what follows would be work for nothing.
            parts += rules.split(draft) if len(parts) <= MOST_PARTS else [draft]
        return parts

    def media_by_part(self) -> "dict[int, list[Media]]":
        """The files beside each part's text, in order; 0 is the content."""
        if self.chosen_media is not None:
            return self.chosen_media
        found: dict[int, list[Media]] = {}
        for attachment in self.attachments.all():
            found.setdefault(attachment.part, []).append(attachment.media)
        return found
