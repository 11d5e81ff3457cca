from django.urls import path

from .views import calendar_view, move_view

urlpatterns = [
    path("calendar/", calendar_view, name="admin-calendar"),
    path("calendar/move/", move_view, name="admin-calendar-move"),
]
