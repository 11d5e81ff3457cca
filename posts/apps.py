from contextlib import suppress

from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "posts"

    def ready(self) -> None:
        from .media import checks, receiving  # noqa: F401 - checks registers itself

        # Django's check of FILE_UPLOAD_TEMP_DIR wants it before the first file has come. Where it cannot be made, that
        # check says so, and `manage.py doctor`: it must start to be able to.
        with suppress(OSError):
            receiving.folder()
