from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured

from .environment import stop


class OpenPostConfig(AppConfig):
    name = "openpost"

    def ready(self) -> None:
        """This will stop the start when a credential key is malformed, not the first publish that needs it."""
        from .crypto import keyring

        try:
            keyring()
        except ImproperlyConfigured as error:
            stop(str(error))
