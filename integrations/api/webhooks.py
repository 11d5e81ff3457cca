"""/v1/webhooks: the addresses of other programs that are told what happens, and what became of telling them."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.authentication import caller
from integrations.models import EventType, Scope, WebhookDelivery, WebhookDeliveryStatus, WebhookEndpoint
from integrations.models.webhook import LONGEST_DESCRIPTION, LONGEST_URL
from integrations.webhooks import deliveries, endpoints
from openpost.api.bodies import Nothing, StrictSerializer, checked
from openpost.api.errors import refuse
from openpost.api.fields import AwareDateTimeField, BoundedList, StrictBooleanField, StrictCharField
from openpost.api.pages import PAGING, page_of
from openpost.api.times import moment
from openpost.api.viewsets import ApiViewSet

from .input import SecondsField, uuid_of

#: What can be asked for. A test goes to whoever asked for that.
CHOICES = [name for name in EventType.values if name != EventType.WEBHOOK_TEST]


class EventTypeField(serializers.Field[str, Any, str, Any]):
    default_error_messages = {"invalid_event_type": f"must be one of {', '.join(CHOICES)}."}

    def to_internal_value(self, data: Any) -> str:
        if data not in CHOICES:
            self.fail("invalid_event_type")
        return str(data)


class WebhookInput(StrictSerializer):
    url = StrictCharField(max_length=LONGEST_URL)
    events = BoundedList(child=EventTypeField(), max_length=len(CHOICES), required=False)
    description = StrictCharField(max_length=LONGEST_DESCRIPTION, allow_blank=True, required=False)


class WebhookChange(WebhookInput):
    url = StrictCharField(max_length=LONGEST_URL, required=False)
    enabled = StrictBooleanField(required=False)


class RotateInput(StrictSerializer):
    overlap_seconds = SecondsField(most=endpoints.LONGEST_OVERLAP, required=False, default=endpoints.OVERLAP)


class ReplayInput(StrictSerializer):
    since = AwareDateTimeField()


class WebhookViewSet(ApiViewSet):
    """Whoever makes a webhook reads through it all that happens."""

    needs_too = Scope.READ
    parameters = {"list": PAGING}

    def list(self, request: Request) -> Response:
        return page_of(request, _endpoints(request)).answer(render_endpoint)

    def create(self, request: Request) -> Response:
        endpoint, secret = endpoints.create(workspace=caller(request).workspace, **checked(WebhookInput, request))
        return Response({"data": {**render_endpoint(endpoint), "secret": secret}}, status=201)

    def retrieve(self, request: Request, webhook_id: str) -> Response:
        return Response({"data": render_endpoint(_endpoint(request, webhook_id))})

    def partial_update(self, request: Request, webhook_id: str) -> Response:
        endpoint, said = _endpoint(request, webhook_id), checked(WebhookChange, request)
        return Response({"data": render_endpoint(endpoints.change(endpoint=endpoint, **said, now=timezone.now()))})

    def destroy(self, request: Request, webhook_id: str) -> Response:
        endpoints.delete(endpoint=_endpoint(request, webhook_id))
        return Response(status=204)

    def rotate_secret(self, request: Request, webhook_id: str) -> Response:
        endpoint, overlap = _endpoint(request, webhook_id), checked(RotateInput, request)["overlap_seconds"]
        endpoint, secret = endpoints.rotate_secret(endpoint=endpoint, overlap=overlap, now=timezone.now())
        return Response({"data": {**render_endpoint(endpoint), "secret": secret}}, status=201)

    def test(self, request: Request, webhook_id: str) -> Response:
        checked(Nothing, request)
        sent = deliveries.test(endpoint=_endpoint(request, webhook_id), now=timezone.now())
        return Response({"data": render_delivery(sent)}, status=202)

    def replay(self, request: Request, webhook_id: str) -> Response:
        endpoint, since = _endpoint(request, webhook_id), checked(ReplayInput, request)["since"]
        number = deliveries.replay_since(endpoint=endpoint, since=since, now=timezone.now())
        return Response({"data": {"replayed": number}}, status=202)


class WebhookDeliveryViewSet(ApiViewSet):
    needs_too = Scope.READ
    parameters = {"list": ("status", *PAGING)}

    def list(self, request: Request, webhook_id: str) -> Response:
        rows = _endpoint(request, webhook_id).deliveries.select_related("event")
        if "status" in request.query_params:
            rows = rows.filter(status=_status(request.query_params["status"]))
        return page_of(request, rows).answer(render_delivery)

    def replay(self, request: Request, webhook_id: str, delivery_id: str) -> Response:
        checked(Nothing, request)
        rows = _endpoint(request, webhook_id).deliveries.select_related("endpoint")
        sent = deliveries.replay(delivery=rows.get(id=uuid_of(delivery_id)), now=timezone.now())
        return Response({"data": render_delivery(sent)}, status=202)


def render_endpoint(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """An endpoint as the API shows it: never its secret, but for the answers that made one."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "events": endpoint.events,
        "enabled": endpoint.disabled_at is None,
        "disabled_at": moment(endpoint.disabled_at),
        "disabled_reason": endpoint.disabled_reason or None,
        "failing_since": moment(endpoint.failing_since),
        "last_delivered_at": moment(endpoint.delivered_at),
        "last_failed_at": moment(endpoint.failed_at),
        "previous_secret_until": moment(endpoint.previous_secret_until),
        "created_at": moment(endpoint.created_at),
        "updated_at": moment(endpoint.updated_at),
    }


def render_delivery(delivery: WebhookDelivery) -> dict[str, Any]:
    """One event on its way to one endpoint, and what the last try found."""
    error = {"code": delivery.error_code, "message": delivery.error_message} if delivery.error_code else None
    return {
        "id": delivery.id,
        "event_id": delivery.event.public_id,
        "event": delivery.event.type,
        "data": delivery.event.data,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "next_attempt_at": moment(delivery.due_at),
        "last_attempt_at": moment(delivery.tried_at),
        "took_ms": delivery.took_ms,
        "response_status": delivery.answer_status,
        "response_body": delivery.answer_body,
        "error": error,
        "delivered_at": moment(delivery.delivered_at),
        "created_at": moment(delivery.created_at),
    }


def _endpoints(request: Request) -> Any:
    # Secrets are not even read: an answer that has none cannot show one.
    return WebhookEndpoint.objects.filter(workspace=caller(request).workspace).defer("secrets")


def _endpoint(request: Request, webhook_id: str) -> WebhookEndpoint:
    """This will find an endpoint of the caller's workspace; raises what becomes a 404."""
    endpoint: WebhookEndpoint = _endpoints(request).get(id=uuid_of(webhook_id))
    return endpoint


def _status(name: str) -> str:
    if name not in WebhookDeliveryStatus.values:
        known = ", ".join(WebhookDeliveryStatus.values)
        raise refuse("invalid_status", f"status must be one of {known}.", field="status")
    return name
