from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "workspace.common"
    label = "common"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workspace.common import idempotency, leases, retention, sweeps
        from workspace.common.models import IdempotencyRecord
        from workspace.common.retention import ShortLived

        sweeps.register("jobs.resend", leases.resend)
        sweeps.register("jobs.forget", leases.forget)
        retention.register_short_lived(ShortLived("idempotency", (IdempotencyRecord,), idempotency.forget))
