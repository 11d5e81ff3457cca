"""What somebody typed into the composer and has not saved: it survives a closed tab."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy

from integrations.models import Workspace

from .post import Post

#: Characters of one, as it is kept: ours. The longest thread there is takes less than a third.
LONGEST_AUTOSAVE = 256 * 1024


class Autosave(models.Model):
    """The composer's fields as one open page last had them. Only whoever typed them ever sees them."""

    #: The page makes it up, so that two tabs do not write over each other.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    # Should the post be deleted while somebody types at it, it is the text of a new one.
    post = models.ForeignKey(
        Post,
        on_delete=models.SET_NULL,
        null=True,
        related_name="autosaves",
        help_text=gettext_lazy("Empty: it is not there yet."),
    )
    fields = models.TextField(help_text=gettext_lazy("As the browser sends a form: application/x-www-form-urlencoded."))
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("fields"), LONGEST_AUTOSAVE), name="an_autosave_is_not_too_long"
            ),
        ]
        indexes = [
            # What a person left unsaved, the newest first.
            models.Index(fields=["user", "-kept_at"], name="autosave_of_person"),
            # The sweep at each new one: what is older than a month.
            models.Index(fields=["kept_at"], name="autosave_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.kept_at:%Y-%m-%d %H:%M} UTC"
