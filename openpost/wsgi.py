"""The web process: `gunicorn openpost.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from .web import statements

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openpost.settings")
application = get_wsgi_application()
statements.bound()
