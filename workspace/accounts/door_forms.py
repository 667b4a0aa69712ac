"""The forms of everybody who is not inside yet, and of whoever lets them in."""

import re
from collections.abc import Collection
from typing import Any, Final, cast

from allauth.account.forms import LoginForm, ResetPasswordForm
from django import forms
from django.core.validators import validate_email
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workspace.accounts import resets
from workspace.accounts.fields import (
    EmailField,
    KnownPasswordField,
    NameField,
    NewPasswordField,
    TimeZoneField,
    WorkspaceNameField,
)
from workspace.accounts.models import Language, Role, User
from workspace.common.forms import HouseField, HouseForm

# Addresses that one form may invite.
MOST_INVITED: Final = 50


class SignInForm(LoginForm):  # type: ignore[misc]  # published without types
    """allauth's, in the house's look and words."""

    bound_field_class = HouseField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"], self.fields["password"] = EmailField(), KnownPasswordField(_("Password"))
        self.fields["login"].widget.attrs["autofocus"] = True


class ForgottenForm(ResetPasswordForm):  # type: ignore[misc]  # published without types
    """allauth's; the mail goes out later, from another process."""

    bound_field_class = HouseField
    email = EmailField()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Has a link sent to whoever has this address; nobody is told whether somebody has."""
        for user in self.users:
            resets.ask(user)
        return str(self.cleaned_data["email"])


class NewPasswordForm(HouseForm):
    """The page behind the link of a reset. allauth gives it the person and the key of the link."""

    password = NewPasswordField(_("Password"))

    def __init__(self, *args: Any, user: User, temp_key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class FirstStepForm(HouseForm):
    """Who the first person is. Once a password was given it may be left empty."""

    name = NameField()
    email = EmailField()
    password = NewPasswordField(_("Password"))

    def __init__(self, data: QueryDict | None, kept: dict[str, str]) -> None:
        super().__init__(data, initial={"name": kept.get("name", ""), "email": kept.get("email", "")})
        if kept:
            self.fields["password"].required = False
            self.fields["password"].help_text = _("You chose one already. Leave this empty to keep it.")


class SecondStepForm(HouseForm):
    """What the first workspace is called, and how its owner wants the pages."""

    workspace = WorkspaceNameField(_("Your organisation’s name, for one. You can change it later."))
    language = forms.ChoiceField(
        label=_("Language"), choices=[choice for choice in Language.choices if choice[0]], required=False
    )
    time_zone = TimeZoneField()


class NewcomerForm(HouseForm):
    """Somebody who was invited and has no account."""

    name = NameField()
    password = NewPasswordField(_("Password"))


class ReturningForm(HouseForm):
    """Somebody who was invited and has an account."""

    password = KnownPasswordField(_("Password"))


class InviteForm(HouseForm):
    """Whom to invite, and as what. Only the roles that the actor may give are offered."""

    emails = forms.CharField(
        label=_("E-mail addresses"),
        max_length=10_000,
        help_text=_("One, or several with a comma or on lines of their own."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, data: QueryDict | None, roles: Collection[Role]) -> None:
        super().__init__(data, initial={"role": Role.MEMBER})
        cast("forms.ChoiceField", self.fields["role"]).choices = [(role.value, role.label) for role in roles]

    def clean_emails(self) -> list[str]:
        """Each address once, in lower case."""
        said = [word.lower() for word in re.split(r"[\s,;、，；]+", self.cleaned_data["emails"]) if word]
        if len(said) > MOST_INVITED:
            told = gettext("No more than %(most)d at a time.") % {"most": MOST_INVITED}
            raise forms.ValidationError(told, code="too_many")
        for email in said:
            try:
                validate_email(email)
            except forms.ValidationError:
                told = gettext("“%(email)s” is no e-mail address.") % {"email": email}
                raise forms.ValidationError(told, code="invalid") from None
        return list(dict.fromkeys(said))
