from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "workspace.runs"
    label = "runs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workspace.common import sweeps
        from workspace.runs import keeping

        sweeps.register("runs.make_days", keeping.make_days)
        sweeps.register("runs.drop_days", keeping.drop_days)
        sweeps.register("runs.drop_tokens", keeping.drop_tokens)
