"""How an account does, as far as its posts tell: asked by the API and by admin."""

from datetime import datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from integrations.models import Integration

from .models import PostTarget
from .status import TargetStatus


def scheduled(account: Integration) -> int:
    """How many posts wait for the account."""
    return _waiting().filter(integration=account).count()


def last_published(account: Integration) -> datetime | None:
    """When something last went live there; None when nothing did. By the index target_last_published."""
    return _live().filter(integration=account).values_list("published_at", flat=True).first()


def with_health(accounts: QuerySet[Integration]) -> QuerySet[Integration]:
    """This will add both to each account of a list, as `scheduled` and `last_published`."""
    mine = {"integration": OuterRef("pk")}
    counted = _waiting().filter(**mine).order_by().values("integration").annotate(n=Count("*")).values("n")
    latest = _live().filter(**mine).values("published_at")[:1]
    return accounts.annotate(scheduled=Coalesce(Subquery(counted), Value(0)), last_published=Subquery(latest))


def _waiting() -> QuerySet[PostTarget]:
    return PostTarget.objects.filter(status=TargetStatus.PENDING, due_at__isnull=False)


def _live() -> QuerySet[PostTarget]:
    return PostTarget.objects.filter(status=TargetStatus.PUBLISHED).order_by("-published_at")
