"""A real PostgreSQL and a real Redis from Python wheels, for development and tests: nothing to install.

    services = ensure(Path(".openpost"))
    services.database_url, services.redis_url

The servers start when the first process asks and stop when the last one that asked is gone, however it went. Nothing
outside the home folder changes. Production imports nothing from here.
"""

from .client import Services, ensure, release
from .errors import EmbeddedError

__all__ = ["EmbeddedError", "Services", "ensure", "release"]
