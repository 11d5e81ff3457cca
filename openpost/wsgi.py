"""The web process: `gunicorn openpost.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from . import cut_off
from .web import statements, times

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openpost.settings")
application = get_wsgi_application()
statements.bound()
cut_off.let_go()
times.quick()
