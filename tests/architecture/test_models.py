"""Every table of a tenant is isolated; whatever a person wrote is sealed and has an end."""

from typing import ClassVar

from django.db import models
from django.test.utils import isolate_apps

from tests.architecture import tree
from workspace.common import retention
from workspace.common.constraints import Grants, Reference, TenantIsolation
from workspace.common.fields import SealedField
from workspace.common.models import TenantModel

TEXTUAL = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)
# "app.Model.column": why what stands there is not something a person wrote in confidence.
NOT_CONTENT: dict[str, str] = {
    "accounts.AccessToken.digest": "a hash of 256 random bits",
    "accounts.AccessToken.name": "what its owner calls the program; administrators list it",
    "accounts.AccessToken.scopes": "capabilities",
    "accounts.AuthPolicy.connections": "ids",
    "accounts.AuthPolicy.networks": "networks that people come from",
    "accounts.BrowserSession.agent": "what a browser says of itself in every request",
    "accounts.Evidence.acr": "a level's name, as an organisation's provider says it",
    "accounts.Evidence.amr": "the names of methods, as an organisation's provider says them",
    "accounts.Invitation.digest": "a hash of what is made from 256 bits and the secret key",
    "accounts.Invitation.email": "who is to come in; compared with the log-in name before they are inside",
    "accounts.Invitation.language": "the code of a language",
    "accounts.OwnerLink.digest": "a hash of 256 random bits",
    "accounts.User.email": "the log-in name, looked up before any tenant is known",
    "accounts.User.name": "shown to colleagues; the people page sorts by it",
    "accounts.User.time_zone": "the name of a time zone",
    "accounts.User.password": "a password hash",
    "accounts.Workspace.name": "the organisation's public name",
    "chat.Conversation.model": "the name of a model",
    "chat.Conversation.policy_version": "a version of our own",
    "chat.Message.policy_version": "a version of our own",
    "chat.Message.receipt": "engine, model, reasons, numbers and times",
    "chat.Message.tokens_of": "a fingerprint of a token list",
    "chat.Message.training_reason": "a code of our own",
    "common.DataKey.wrapped": "a key, wrapped",
    "common.IdempotencyRecord.body_digest": "a keyed hash",
    "common.IdempotencyRecord.key_digest": "a keyed hash",
    "common.Job.error_code": "a code of our own",
    "common.Job.name": "the name of a job in the code",
    "common.WorkspaceKey.wrapped": "a key, wrapped",
    "compliance.AuditEntry.action": "a name in the code",
    "compliance.AuditEntry.details": "ids, numbers and codes: common.audit.AuditEvent",
    "compliance.AuditEntry.object_kind": "a name in the code",
    "compliance.AuditLink.hash": "a hash",
    "compliance.AuditLink.previous": "a hash",
    "inference.EngineReport.model": "the name of a model",
    "inference.EngineReport.name": "the pool's own name of an engine",
    "inference.EngineReport.problem": "a code of our own",
    "runs.Run.actor": "ids, scopes and a surface: common.contracts.Actor",
    "runs.Run.error": "a code and our own words for it",
    "runs.Run.kind": "a name in the code",
    "runs.Run.parameters": "ids and choices of the kind; what a person wrote is in its own sealed row",
}


def sealed(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.local_fields if isinstance(field, SealedField)]


def isolated(model: type[models.Model]) -> bool:
    return any(isinstance(constraint, TenantIsolation) for constraint in model._meta.constraints)


def test_every_table_is_a_tenants_or_says_who_may_touch_it() -> None:
    open_to_nobody = [
        model._meta.label
        for model in tree.tables()
        if not isolated(model) and not any(isinstance(made, Grants) for made in model._meta.constraints)
    ]

    assert not open_to_nobody


def test_a_workspace_column_means_isolation() -> None:
    found = [
        model._meta.label
        for model in tree.tables()
        if "workspace_id" in {field.attname for field in model._meta.local_fields} and not isolated(model)
    ]

    assert not found


def test_sealed_content_belongs_to_a_tenant() -> None:
    assert not [model._meta.label for model in tree.tables() if sealed(model) and not isolated(model)]


def test_sealed_content_has_an_end() -> None:
    with_content = {model for model in tree.tables() if sealed(model)}

    assert {model._meta.label for model in with_content - retention.covered()} == set()


def test_every_readable_column_is_sealed_or_known_to_hold_no_content() -> None:
    readable = {
        f"{model._meta.label}.{field.name}"
        for model in tree.tables()
        for field in model._meta.local_fields
        if isinstance(field, TEXTUAL) and not isinstance(field, SealedField) and not field.choices
    }

    assert readable == set(NOT_CONTENT)


def test_system_checks_find_nothing() -> None:
    from django.core import checks

    assert not checks.run_checks()


def test_migrations_say_what_the_models_say(db: None) -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@isolate_apps("workspace.common")
def test_a_tenants_model_without_isolation_is_a_system_check_error() -> None:
    class Open(TenantModel):
        class Meta:
            app_label = "common"
            constraints: ClassVar[list[models.BaseConstraint]] = []

    assert [error.id for error in Open.check()] == ["atrium.E001"]


@isolate_apps("workspace.common")
def test_a_plain_key_to_a_tenants_row_is_a_system_check_error() -> None:
    class Parent(TenantModel):
        class Meta(TenantModel.Meta):
            app_label = "common"

    class Child(TenantModel):
        plain = models.ForeignKey(Parent, on_delete=models.CASCADE)
        unreferenced = models.ForeignKey(Parent, on_delete=models.CASCADE, db_constraint=False, related_name="+")
        composite = models.ForeignKey(Parent, on_delete=models.CASCADE, db_constraint=False, related_name="+")

        class Meta:
            app_label = "common"
            constraints: ClassVar[list[models.BaseConstraint]] = [
                TenantIsolation(name="child_tenant"),
                Reference("composite", name="child_composite"),
            ]

    errors = [error for error in Child.check(databases=[]) if error.id == "atrium.E002"]

    assert [error.msg.split()[0] for error in errors] == ["plain", "unreferenced"]
