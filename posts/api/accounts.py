"""/v1/integrations/{id}: one account, with what its posts say of it. The list, and connecting, are in integrations."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import access
from integrations.api.accounts import integration_of, render_integration
from integrations.authentication import caller
from integrations.connect import disconnect
from integrations.models import Integration
from openpost.api.times import moment
from openpost.api.viewsets import ApiViewSet
from posts.health import last_published, scheduled
from posts.slots import next_slot


class AccountViewSet(ApiViewSet):
    def retrieve(self, request: Request, integration_id: str) -> Response:
        return Response({"data": render_integration(integration_of(request, integration_id))})

    def destroy(self, request: Request, integration_id: str) -> Response:
        account = integration_of(request, integration_id)
        ended = disconnect(integration=account, by=caller(request).name, now=timezone.now())
        account.refresh_from_db(from_queryset=Integration.objects.defer("credentials"))
        told = {**render_integration(account), "ended_at_platform": ended, "scheduled_posts": scheduled(account)}
        return Response({"data": told})

    def health(self, request: Request, integration_id: str) -> Response:
        return Response({"data": _health(integration_of(request, integration_id))})

    def next_slot(self, request: Request, integration_id: str) -> Response:
        slot = next_slot(integration_of(request, integration_id), now=timezone.now())
        return Response({"next_slot": moment(slot)})


def _health(account: Integration) -> dict[str, Any]:
    """What we know of the account, without asking its platform."""
    obstacle = access.obstacle(account, now=timezone.now())
    return {
        **render_integration(account),
        "can_publish": obstacle is None,
        "problem": {"code": obstacle.code, "message": obstacle.message} if obstacle else None,
        "access_ends_at": moment(access.access_ends(account)),
        "refreshed_at": moment(account.refreshed_at),
        "last_published_at": moment(last_published(account)),
        "scheduled_posts": scheduled(account),
    }
