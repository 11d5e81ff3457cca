from django.urls import path

from . import views

urlpatterns = [
    path("<uuid:post_id>", views.post, name="sandbox-post"),
    path("<uuid:post_id>/<int:place>", views.file, name="sandbox-file"),
]
