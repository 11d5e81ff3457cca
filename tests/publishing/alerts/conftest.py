from collections.abc import Iterator
from typing import Any

import pytest

from .server import MailServer


@pytest.fixture
def post_office(settings: Any) -> Iterator[MailServer]:
    """A mail server that this service sends by. (pytest-django puts a box of its own in the backend's place.)"""
    with MailServer() as server:
        settings.MAIL_IS_SET_UP = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.OPENPOST_URL = "https://openpost.example"
        yield server
