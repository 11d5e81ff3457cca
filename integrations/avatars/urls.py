from django.urls import path

from .views import avatar_view

urlpatterns = [path("avatars/<uuid:account_id>/<str:name>", avatar_view, name="admin-avatar")]
