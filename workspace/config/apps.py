from uuid import UUID

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "workspace.config"
    label = "config"

    def ready(self) -> None:
        from workspace.common import jobs
        from workspace.config import checks

        jobs.install(publish)
        checks.register_all()


def publish(job: UUID) -> None:
    """To the broker. Celery is loaded by the first job that a process writes, not by its start."""
    from workspace.config.celery import publish as send

    send(job)
