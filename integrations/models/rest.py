"""A whole platform that must be left alone: the fault lies with this service's app there, not with any account."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy


class PlatformRestQuerySet(models.QuerySet["PlatformRest"]):
    def lasting(self, *, now: datetime) -> "PlatformRestQuerySet":
        return self.filter(until__gt=now)


class PlatformRest(models.Model):
    """Nothing goes out to `platform` from live workspaces before `until`. Deleting the row ends the rest."""

    platform = models.CharField(max_length=30, primary_key=True)
    until = models.DateTimeField()
    code = models.CharField(max_length=50)
    reason = models.CharField(
        max_length=1000, help_text=gettext_lazy("What happened and who can put it right, in a sentence.")
    )
    since = models.DateTimeField()

    objects = PlatformRestQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.platform} until {self.until:%Y-%m-%d %H:%M} UTC"
