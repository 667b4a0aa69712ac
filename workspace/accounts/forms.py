"""The forms of the pages about people."""

from collections.abc import Collection
from dataclasses import asdict, replace
from typing import Self, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from workspace.accounts.fields import KnownPasswordField, NameField, NewPasswordField, TimeZoneField, WorkspaceNameField
from workspace.accounts.models import Language, Role, Theme
from workspace.accounts.permissions import EVERYTHING, Capability
from workspace.accounts.policies import Policy
from workspace.common.contracts import Assurance
from workspace.common.forms import HouseForm


class ProfileForm(HouseForm):
    """What people decide about their own accounts."""

    name = NameField(required=False)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices, required=False)
    time_zone = TimeZoneField()
    theme = forms.ChoiceField(label=_("Appearance"), choices=Theme.choices)


class PasswordForm(HouseForm):
    """The old password and the new."""

    current = KnownPasswordField(_("Present password"))
    new = NewPasswordField(_("New password"))


class AgainForm(HouseForm):
    """The password of whoever is signed in already."""

    password = KnownPasswordField(_("Password"))


class WorkspaceForm(HouseForm):
    """What a workspace is called."""

    name = WorkspaceNameField()


LEVELS = {
    Assurance.LEVEL_1: _("One proof: a password, for example"),
    Assurance.LEVEL_2: _("Two: a password and a code, for example"),
    Assurance.LEVEL_3: _("A passkey, which nobody can be talked out of"),
}


class RulesForm(HouseForm):
    """What a workspace asks of those who sign in."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    required_level = forms.TypedChoiceField(
        label=_("What people prove"), choices=[(int(level), said) for level, said in LEVELS.items()], coerce=int
    )
    session_hours = forms.IntegerField(
        label=_("Hours until they sign in anew"),
        required=False,
        help_text=_("Empty: two weeks after they signed in."),
    )
    idle_minutes = forms.IntegerField(
        label=_("Minutes without a sign of them until they sign in anew"), required=False, help_text=_("Empty: none.")
    )
    fresh_minutes = forms.IntegerField(
        label=_("Minutes that a proof stays fresh"),
        help_text=_("Whoever does something sensitive, as changing these rules, proves who they are once more."),
    )
    networks = forms.CharField(
        label=_("Networks that they come from"),
        required=False,
        max_length=10_000,
        help_text=_("One a line, as 203.0.113.0/24 or 2001:db8::/32. Empty: from anywhere."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )

    @classmethod
    def showing(cls, policy: Policy) -> Self:
        """As the rules stand."""
        return cls(initial=asdict(policy) | {"networks": "\n".join(policy.networks)})

    def wanted(self, now: Policy) -> Policy:
        """The rules that a valid form says; what it does not ask stays."""
        said = self.cleaned_data
        level = Assurance(said["required_level"])
        return replace(now, **said | {"required_level": level, "networks": tuple(said["networks"].split())})


SCOPES = {
    EVERYTHING: _("Everything that you may do"),
    Capability.CHAT.value: _("Chat: read and write your own chats"),
    Capability.MANAGE_MEMBERS.value: _("Manage members"),
    Capability.MANAGE_WORKSPACE.value: _("Manage the workspace"),
    Capability.READ_AUDIT.value: _("Read the audit trail"),
}


class TokenForm(HouseForm):
    """A new access token. Only what the person may do themselves is offered."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=100,
        help_text=_("The name of the program, for one."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("1 year"))],
    )

    def __init__(self, data: QueryDict | None, allowed: Collection[str]) -> None:
        super().__init__(data, initial={"scopes": [EVERYTHING], "days": 90})
        scopes = cast("forms.MultipleChoiceField", self.fields["scopes"])
        scopes.choices = [(name, SCOPES[name]) for name in SCOPES if name == EVERYTHING or name in allowed]

    def clean_scopes(self) -> list[str]:
        """Everything beside something is everything."""
        chosen: list[str] = self.cleaned_data["scopes"]
        return [EVERYTHING] if EVERYTHING in chosen else chosen


class RoleForm(HouseForm):
    """What a member is to be. Only the roles that the actor may give are offered."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, data: QueryDict | None, roles: Collection[Role], now: Role | None = None) -> None:
        super().__init__(data, initial={"role": now})
        role = cast("forms.ChoiceField", self.fields["role"])
        role.choices = [(role.value, role.label) for role in Role if role in roles]
