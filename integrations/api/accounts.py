"""/v1/integrations: the accounts of a workspace, as far as this room knows them.

What an account's posts say of it (its health, its next free slot, what disconnecting leaves waiting) is posts' to tell:
posts/api/accounts.py.
"""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.authentication import caller
from integrations.models import Integration, IntegrationStatus
from integrations.models.integration import IntegrationQuerySet
from integrations.platforms import registry
from openpost.api.errors import refuse
from openpost.api.pages import PAGING, page_of
from openpost.api.times import moment
from openpost.api.viewsets import ApiViewSet

from .input import uuid_of

#: What is listed unless the caller asks for another status: accounts that are connected, well or not.
CONNECTED = (IntegrationStatus.ACTIVE, IntegrationStatus.NEEDS_REFRESH)


class IntegrationListViewSet(ApiViewSet):
    parameters = {"list": ("platform", "status", *PAGING)}

    def list(self, request: Request) -> Response:
        return page_of(request, _chosen(request)).answer(render_integration)


def integration_of(request: Request, integration_id: str) -> Integration:
    """This will find an account of the caller's workspace; raises what becomes a 404."""
    return accounts_of(request).get(id=uuid_of(integration_id))


def accounts_of(request: Request) -> IntegrationQuerySet:
    """The caller's accounts, without their credentials: an answer that never reads one cannot show it."""
    accounts = Integration.objects.select_related("workspace").defer("credentials")
    return accounts.filter(workspace=caller(request).workspace)


def _chosen(request: Request) -> IntegrationQuerySet:
    """The accounts that the query asks for."""
    accounts, query = accounts_of(request), request.query_params
    if "platform" in query:
        rules = registry.by_name(query["platform"])
        if rules is None:
            raise refuse("unknown_platform", f"platform must be one of {', '.join(registry.NAMES)}.", field="platform")
        accounts = accounts.filter(platform=rules.name)
    if "status" not in query:
        return accounts.filter(status__in=CONNECTED)
    if query["status"] not in IntegrationStatus.values:
        raise refuse("invalid_status", f"status must be one of {', '.join(IntegrationStatus.values)}.", field="status")
    return accounts.filter(status=query["status"])


def render_integration(account: Integration) -> dict[str, Any]:
    """An account as the API shows it. What only its platform and we may know is not in it."""
    resting = account.resting_until is not None and account.resting_until > timezone.now()
    return {
        "id": account.id,
        "platform": account.platform,
        "username": account.username,
        "display_name": account.display_name,
        "status": account.status,
        "status_reason": account.status_reason or None,
        "premium": account.premium,
        "connected_at": moment(account.connected_at),
        "token_expires_at": moment(account.token_expires_at),
        "resting_until": moment(account.resting_until) if resting else None,
        "created_at": moment(account.created_at),
    }
