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

from workspace.accounts import preferences, resets
from workspace.accounts.models import Language, Role, User
from workspace.common.errors import Invalid
from workspace.common.forms import HouseField, HouseForm

# Addresses that one form may invite.
MOST_INVITED: Final = 50


class EmailField(forms.EmailField):
    """By which somebody signs in."""

    def __init__(self, autocomplete: str = "username") -> None:
        widget = forms.EmailInput(attrs={"autocomplete": autocomplete, "spellcheck": "false"})
        super().__init__(label=_("E-mail"), max_length=254, widget=widget)


class KnownPasswordField(forms.CharField):
    """A password that is there already."""

    def __init__(self) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        super().__init__(label=_("Password"), strip=False, max_length=1024, widget=widget)


class NewPasswordField(forms.CharField):
    """A password that somebody chooses. What makes it a good one, `settings.AUTH_PASSWORD_VALIDATORS` says."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Password"),
            strip=False,
            max_length=1024,
            help_text=_("At least 15 characters. A few words that do not belong together are easy to keep in mind."),
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": "15"}),
        )


class NameField(forms.CharField):
    """What somebody is called."""

    def __init__(self) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "name"})
        super().__init__(label=_("Your name"), max_length=150, help_text=_("Your colleagues see it."), widget=widget)


class SignInForm(LoginForm):  # type: ignore[misc]  # published without types
    """allauth's, in the house's look and words."""

    bound_field_class = HouseField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"], self.fields["password"] = EmailField(), KnownPasswordField()
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

    password = NewPasswordField()

    def __init__(self, *args: Any, user: User, temp_key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class FirstStepForm(HouseForm):
    """Who the first person is. Once a password was given it may be left empty."""

    name = NameField()
    email = EmailField()
    password = NewPasswordField()

    def __init__(self, data: QueryDict | None, kept: dict[str, str]) -> None:
        super().__init__(data, initial={"name": kept.get("name", ""), "email": kept.get("email", "")})
        if kept:
            self.fields["password"].required = False
            self.fields["password"].help_text = _("You chose one already. Leave this empty to keep it.")


class SecondStepForm(HouseForm):
    """What the first workspace is called, and how its owner wants the pages."""

    workspace = forms.CharField(
        label=_("Name of the workspace"),
        max_length=100,
        help_text=_("Your organisation’s name, for one. You can change it later."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[choice for choice in Language.choices if choice[0]], required=False
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        required=False,
        help_text=_("Type a city, “Tokyo” for one, and choose. Empty is UTC."),
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_time_zone(self) -> str:
        """The name of a time zone; of a city alone, if there is one of that name."""
        said: str = self.cleaned_data["time_zone"].strip()
        found = preferences.zone_named(said) if said else ""
        if found is None:
            raise forms.ValidationError(_("There is no such time zone. Choose one of the list."), code="invalid_choice")
        return found


class NewcomerForm(HouseForm):
    """Somebody who was invited and has no account."""

    name = NameField()
    password = NewPasswordField()


class ReturningForm(HouseForm):
    """Somebody who was invited and has an account."""

    password = KnownPasswordField()


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


def tell(form: forms.Form, error: Invalid) -> None:
    """Puts what an action found wrong beside the fields it is about."""
    for fault in error.errors:
        form.add_error(fault.field if fault.field in form.fields else None, fault.detail)
