"""What `manage.py check` says of where files are kept."""

from typing import Any

from django.conf import settings
from django.core import checks

LOCAL = "django.core.files.storage.FileSystemStorage"


@checks.register
def files_must_be_shared(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """This will warn when files are kept in a folder of this machine, which other machines do not see."""
    if settings.STORAGES["default"]["BACKEND"] != LOCAL or settings.MEDIA_ROOT_IS_SHARED:
        return []
    return [
        checks.Warning(
            f"Files are kept in {settings.MEDIA_ROOT}, on this machine.",
            hint="Web processes and workers must all see the same files. Set S3_BUCKET, or let MEDIA_ROOT be a folder "
            "that they share and that is kept, and say so with MEDIA_ROOT_IS_SHARED=1.",
            id="posts.W001",
        )
    ]
