from django.urls import path

from . import views

urlpatterns = [path("<uuid:post_id>", views.post, name="sandbox-post")]
