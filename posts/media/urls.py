from django.urls import path

from .serving import serve

urlpatterns = [path("<str:token>/<str:name>", serve, name="media_file")]
