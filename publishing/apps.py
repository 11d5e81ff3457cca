from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "publishing"

    def ready(self) -> None:
        """This will give each platform a queue of its own; a worker without -Q takes from all of them."""
        from kombu import Queue

        from integrations.platforms import registry
        from openpost.celery import app
        from posts.hints import queue_of

        app.conf.task_queues = [Queue("celery"), *(Queue(queue_of(name)) for name in registry.PLATFORMS)]
