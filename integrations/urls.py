from django.urls import path

from . import views

urlpatterns = [
    path("<str:platform>/callback", views.callback, name="integration-callback"),
]
