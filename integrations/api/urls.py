from django.urls import path

from .accounts import IntegrationListViewSet
from .connecting import ConnectViewSet
from .events import EventViewSet
from .keys import KeyViewSet
from .me import MeViewSet
from .webhooks import WebhookDeliveryViewSet, WebhookViewSet

urlpatterns = [
    path("me", MeViewSet.as_view({"get": "retrieve"})),
    path("keys", KeyViewSet.as_view({"get": "list", "post": "create"})),
    path("keys/<str:key_id>", KeyViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path("keys/<str:key_id>/rotate", KeyViewSet.as_view({"post": "rotate"})),
    path("integrations", IntegrationListViewSet.as_view({"get": "list"})),
    path("integrations/<str:platform>/connect", ConnectViewSet.as_view({"get": "retrieve", "post": "create"})),
    path("events", EventViewSet.as_view({"get": "list"})),
    path("webhooks", WebhookViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "webhooks/<str:webhook_id>",
        WebhookViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("webhooks/<str:webhook_id>/rotate-secret", WebhookViewSet.as_view({"post": "rotate_secret"})),
    path("webhooks/<str:webhook_id>/test", WebhookViewSet.as_view({"post": "test"})),
    path("webhooks/<str:webhook_id>/replay", WebhookViewSet.as_view({"post": "replay"})),
    path("webhooks/<str:webhook_id>/deliveries", WebhookDeliveryViewSet.as_view({"get": "list"})),
    path(
        "webhooks/<str:webhook_id>/deliveries/<str:delivery_id>/replay",
        WebhookDeliveryViewSet.as_view({"post": "replay"}),
    ),
]
