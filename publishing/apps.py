from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "publishing"

    def ready(self) -> None:
        """This will give each platform a queue of its own; a worker without -Q takes from all of them."""
        from integrations.platforms import registry
        from openpost.celery import app
        from posts.hints import queue_of

        from .webhooks.dispatch import QUEUE

        app.conf.task_queues = {name: {} for name in ("celery", *map(queue_of, registry.PLATFORMS), QUEUE)}
