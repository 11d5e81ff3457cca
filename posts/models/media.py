"""The files of a workspace, and which posts they stand in."""

import uuid
from pathlib import PurePosixPath

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from integrations.models import Workspace
from integrations.platforms.base import MediaKind, Medium

from .post import Post

#: Characters of an alt text: as many as the platform takes that takes the most (Bluesky, 2,000).
LONGEST_ALT_TEXT = 2000


def stored_at(media: "Media", name: str) -> str:
    """Where a file is kept: nothing of it comes from whoever sent it but its kind."""
    return f"{media.workspace_id}/{media.id}{PurePosixPath(name).suffix}"


class Kind(models.TextChoices):
    IMAGE = MediaKind.IMAGE.value, gettext_lazy("Image")
    GIF = MediaKind.GIF.value, gettext_lazy("GIF")
    VIDEO = MediaKind.VIDEO.value, gettext_lazy("Video")


class Media(models.Model):
    """One image, GIF or video, as it is kept: upright, without its EXIF and its place. Its bytes never change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="media")
    file = models.FileField(upload_to=stored_at, max_length=255, editable=False)
    name = models.CharField(max_length=255, blank=True, help_text=gettext_lazy("What its owner calls it."))
    kind = models.CharField(max_length=10, choices=Kind, editable=False)
    file_type = models.CharField(
        max_length=50, editable=False, help_text=gettext_lazy("MIME type, read from the bytes.")
    )
    file_size = models.BigIntegerField(editable=False, help_text=gettext_lazy("Bytes."))
    width = models.PositiveIntegerField(default=0, editable=False, help_text=gettext_lazy("Pixels."))
    height = models.PositiveIntegerField(default=0, editable=False, help_text=gettext_lazy("Pixels."))
    duration = models.FloatField(default=0, editable=False, help_text=gettext_lazy("Seconds, of what moves."))
    frames = models.PositiveIntegerField(default=0, editable=False)
    frame_rate = models.FloatField(default=0, editable=False, help_text=gettext_lazy("Frames a second."))
    video_codec = models.CharField(max_length=20, blank=True, editable=False)
    audio_codec = models.CharField(max_length=20, blank=True, editable=False)
    alt_text = models.CharField(
        max_length=LONGEST_ALT_TEXT, blank=True, help_text=gettext_lazy("What it shows, for those who cannot see it.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = gettext_lazy("file")
        verbose_name_plural = gettext_lazy("files")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="media_kind_is_known"),
            models.CheckConstraint(condition=Q(file_size__gt=0) & ~Q(file=""), name="media_has_bytes"),
        ]
        indexes = [
            # GET /v1/media, newest first.
            models.Index(fields=["workspace", "-created_at", "-id"], name="media_list"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.get_kind_display()} {self.id}"

    @property
    def suffix(self) -> str:
        """How its name ends, with the dot."""
        return PurePosixPath(str(self.file.name)).suffix

    @property
    def is_unrecorded(self) -> bool:
        """Whether its bytes are stored and its row is yet to be written."""
        return self._state.adding

    def medium(self) -> Medium:
        """What the platforms' rules see of it."""
        return Medium(
            id=self.id,
            kind=MediaKind(self.kind),
            type=self.file_type,
            size=self.file_size,
            width=self.width,
            height=self.height,
            alt_text=self.alt_text,
            duration=self.duration,
            frames=self.frames,
            frame_rate=self.frame_rate,
            video_codec=self.video_codec,
            audio_codec=self.audio_codec,
        )


class AttachmentManager(models.Manager["Attachment"]):
    def get_queryset(self) -> models.QuerySet["Attachment"]:
        # Nobody wants to know of a place without its file.
        return super().get_queryset().select_related("media")


class Attachment(models.Model):
    """One file at its place in one part of a post."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="attachments")
    # A file that an unpublished post uses is not deleted (actions); from one that is out it goes, silently.
    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="attachments")
    part = models.PositiveSmallIntegerField(
        default=0, help_text=gettext_lazy("0 stands beside the content, 1 beside `thread`'s first.")
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects = AttachmentManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "part", "position"], name="one_file_at_each_place"),
            models.UniqueConstraint(fields=["post", "part", "media"], name="a_file_stands_once_in_a_part"),
        ]
        ordering = ["part", "position"]

    def __str__(self) -> str:
        return f"{self.media} in part {self.part + 1}"
