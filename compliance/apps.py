from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "compliance"
    verbose_name = "Compliance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.core import checks

        from compliance import audit as writer
        from compliance.checks import lives_usable
        from compliance.expiry import expire
        from workspace.common import audit, sweeps

        audit.install(writer.write)
        checks.register(lives_usable)
        sweeps.register("retention.expire", expire)
