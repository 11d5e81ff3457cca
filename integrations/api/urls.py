from django.urls import path

from .accounts import IntegrationListViewSet
from .connecting import ConnectViewSet
from .keys import KeyViewSet

urlpatterns = [
    path("keys", KeyViewSet.as_view({"get": "list", "post": "create"})),
    path("keys/<str:key_id>", KeyViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path("keys/<str:key_id>/rotate", KeyViewSet.as_view({"post": "rotate"})),
    path("integrations", IntegrationListViewSet.as_view({"get": "list"})),
    path("integrations/<str:platform>/connect", ConnectViewSet.as_view({"get": "retrieve", "post": "create"})),
]
