from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "workspace.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workspace.accounts import actions, tasks  # noqa: F401 - registers its jobs
        from workspace.common import sweeps

        sweeps.register("sessions.forget", actions.forget_sessions)
