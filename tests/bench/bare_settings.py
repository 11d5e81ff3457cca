"""The service's own settings, for bare_web.py: the same server reads them. Of what happens to a request, nothing."""

from openpost.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.bare_web"
MIDDLEWARE = []
