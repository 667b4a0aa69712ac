"""People, the workspaces they work in, and the credentials of programs."""

import uuid
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from workspace.common import roles
from workspace.common.constraints import Grants, TenantIsolation
from workspace.common.contracts import Surface
from workspace.common.models import TENANT, TenantModel


class Language(models.TextChoices):
    """In which language a person is addressed: settings.LANGUAGES, or whatever their browser asks for."""

    BROWSER = "", _("As the browser asks")
    ENGLISH = "en", "English"
    JAPANESE = "ja", "日本語"


class Theme(models.TextChoices):
    """How bright the pages are."""

    SYSTEM = "system", _("As the device is set")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class User(AbstractBaseUser, PermissionsMixin):
    """A person, by e-mail address. Which workspaces they belong to, and as what, is in their memberships."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(db_default=Now(), editable=False)
    language = models.CharField(max_length=8, choices=Language, default=Language.BROWSER, db_default="", blank=True)
    # A name of the IANA's; empty is UTC.
    time_zone = models.CharField(max_length=64, default="", db_default="", blank=True)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM, db_default=Theme.SYSTEM.value)

    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower"),
            # A runner asks whether a person may still enter, and has no business with who they are.
            Grants(
                name="user_grants",
                grants={roles.WEB: "select, insert, update, delete", roles.RUNNER: "select (id, is_active)"},
            ),
        ]


class Workspace(models.Model):
    """An organisation's own space. Its kind fixes the surface of everything that is done in the browser."""

    class Kind(models.TextChoices):
        ENTERPRISE = Surface.ENTERPRISE.value
        BUSINESS = Surface.BUSINESS.value
        CONSUMER = Surface.CONSUMER.value

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.ENTERPRISE)
    # Raised by every change of rights; who was checked under a lower one is checked again.
    authorisation_epoch = models.BigIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="workspace_tenant", column="id", beyond={roles.SWEEP: "select"})
        ]


class Role(models.TextChoices):
    """The built-in roles; `permissions.CAPABILITIES` says what each may do."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    MEMBER = "member", _("Member")


class Membership(TenantModel):
    """That a person belongs to a workspace, and as what. Deactivated, it grants nothing; what they wrote stays."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *TENANT,
            models.UniqueConstraint(fields=["workspace_id", "user"], name="membership_user"),
        ]


class Invitation(TenantModel):
    """That somebody may join a workspace, by a link that was sent to their address. Open while it was neither accepted
    nor taken back; an address has one open invitation at most. The link is made from `id` and `serial` and the secret
    key; its SHA-256 finds the row.
    """

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    digest = models.BinaryField(max_length=32, unique=True)
    # Raised when it is sent again, which ends the link before.
    serial = models.PositiveSmallIntegerField(default=1)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    expires_at = models.DateTimeField()
    # In which language it is written, unless its reader has chosen one.
    language = models.CharField(max_length=8, blank=True)
    mailed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="invitation_tenant", runner=""),
            models.UniqueConstraint(
                fields=["workspace_id", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_open",
            ),
        ]


class AccessToken(TenantModel):
    """A personal access token of one workspace. Only the SHA-256 of its 256 random bits is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="access_tokens")
    name = models.CharField(max_length=100)
    # Unique over all workspaces: nobody can guess 256 bits.
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    # Written once a minute at most.
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [*TENANT]


class BrowserSession(models.Model):
    """A browser that somebody is signed in with. It stands beside Django's own row, whose secret key it never shows,
    and goes with it. `id` is the credential of whoever acts through it.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    # The database takes this row away with the session, whoever deletes that.
    session = models.OneToOneField(Session, on_delete=models.DO_NOTHING, db_constraint=False, related_name="browser")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="browser_sessions")
    agent = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            Grants(name="browser_session_grants", grants={roles.WEB: "select, insert, update, delete"})
        ]


class Method(models.TextChoices):
    """By what somebody proved who they are."""

    PASSWORD = "password", _("Password")
    TOTP = "totp", _("Code from an app")
    RECOVERY_CODE = "recovery_code", _("Recovery code")
    PASSKEY = "passkey", _("Passkey")
    PROVIDER = "provider", _("Your organisation’s sign-in")


class Evidence(models.Model):
    """A proof that was given in a browser session. The database takes it away with the session."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(
        BrowserSession, on_delete=models.DO_NOTHING, db_constraint=False, related_name="evidence"
    )
    method = models.CharField(max_length=16, choices=Method)
    # What the session is worth with it: a code beside a password counts for both.
    level = models.PositiveSmallIntegerField()
    # For Method.PROVIDER: in which workspace it counts, which of its connections said it, and in which words. Anybody
    # who runs a workspace can have a provider of their own vouch for anybody: in another it proves nothing.
    counts_in = models.UUIDField(null=True)
    connection = models.UUIDField(null=True)
    acr = models.CharField(max_length=255, blank=True)
    amr = models.JSONField(default=list)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(level__range=(1, 3)), name="evidence_level"),
            Grants(name="evidence_grants", grants={roles.WEB: "select, insert, delete"}),
        ]


class AuthPolicy(TenantModel):
    """One version of what a workspace asks of those who sign in; the highest holds. Each change is a row of its own."""

    version = models.PositiveIntegerField()
    required_level = models.PositiveSmallIntegerField(default=1)
    # Hours after which somebody signs in anew, and minutes without a sign of them; null: as long as the cookie lives.
    session_hours = models.PositiveIntegerField(null=True)
    idle_minutes = models.PositiveIntegerField(null=True)
    # How long a proof is fresh enough for what is sensitive.
    fresh_minutes = models.PositiveIntegerField(default=15)
    # Networks (CIDR) that people come from, and connections that they sign in by; empty: any.
    networks = models.JSONField(default=list)
    connections = models.JSONField(default=list)
    local_sign_in = models.BooleanField(default=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="auth_policy_tenant", append_only=True),
            models.UniqueConstraint(fields=["workspace_id", "version"], name="auth_policy_version"),
            models.CheckConstraint(condition=models.Q(required_level__range=(1, 3)), name="auth_policy_level"),
        ]


class OwnerLink(models.Model):
    """A link that makes the first owner, once. It belongs to no workspace: there is none yet. Used, it is deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.BinaryField(max_length=32, unique=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            Grants(name="owner_link_grants", grants={roles.WEB: "select, insert, delete"})
        ]
