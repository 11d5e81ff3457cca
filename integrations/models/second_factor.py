"""What somebody has beside their password: the seed of a device that shows codes, and codes for when it is lost."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from openpost.crypto import EncryptedJSONField


class SecondFactorQuerySet(models.QuerySet["SecondFactor"]):
    def on(self) -> "SecondFactorQuerySet":
        """Those that are asked for at each sign-in."""
        return self.filter(confirmed_at__isnull=False)

    def being_set_up(self) -> "SecondFactorQuerySet":
        """Those that no device has shown a code for yet."""
        return self.filter(confirmed_at=None)


class SecondFactor(models.Model):
    """One per person. It is asked for from the moment it was confirmed: until then it is only being set up."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor")
    seed = EncryptedJSONField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(
        default=0, help_text=gettext_lazy("Of the last code that was taken: none is taken twice.")
    )
    # Hashes that need our SECRET_KEY: whoever reads this table finds no code by trying.
    recovery = ArrayField(models.CharField(max_length=64), default=list)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SecondFactorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(failures=0) | Q(failed_at__isnull=False), name="a_second_factor_that_failed_says_when"
            )
        ]

    def __str__(self) -> str:
        return f"Second factor of {self.user}"

    @property
    def is_on(self) -> bool:
        """As `SecondFactor.objects.on()` asks the database."""
        return self.confirmed_at is not None
