"""Django's error pages of DEBUG show every setting and the environment; addresses there carry passwords."""

import re

from django.views.debug import SafeExceptionReporterFilter


class HideAddresses(SafeExceptionReporterFilter):
    """This will hide whatever has URL in its name too: REDIS_URL, CELERY_BROKER_URL, DATABASE_URL."""

    hidden_settings = re.compile(f"{SafeExceptionReporterFilter.hidden_settings.pattern}|URL", re.IGNORECASE)
