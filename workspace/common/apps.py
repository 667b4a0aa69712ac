from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "workspace.common"
    label = "common"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workspace.common import idempotency, leases, sweeps

        sweeps.register("jobs.resend", leases.resend)
        sweeps.register("jobs.forget", leases.forget)
        sweeps.register("idempotency.forget", idempotency.forget)
