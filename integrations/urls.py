from django.urls import path

from . import views
from .people.welcome import WelcomeView

urlpatterns = [
    path("welcome/<uidb64>/<token>/", WelcomeView.as_view(), name="welcome"),
    path("<str:platform>/callback", views.callback, name="integration-callback"),
]
