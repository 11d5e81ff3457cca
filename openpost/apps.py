from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured

from .environment import stop


class OpenPostConfig(AppConfig):
    name = "openpost"

    def ready(self) -> None:
        """This will stop the start when a credential key is malformed, not the first publish that needs it."""
        from django.conf import settings

        from .crypto import keyring

        try:
            keyring()
        except ImproperlyConfigured as error:
            stop(str(error))
        if settings.SENTRY_DSN:
            from .seeing import reporting

            reporting.begin(settings.SENTRY_DSN, release=settings.VERSION)
