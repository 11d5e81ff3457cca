"""Django's settings. What differs between machines comes from the environment, through openpost/environment.py."""

from .pages import *  # noqa: F403  # Django reads the names of this module
from .seeing import *  # noqa: F403
from .service import *  # noqa: F403
