from django.apps import AppConfig


class OpenPostConfig(AppConfig):
    name = "openpost"
