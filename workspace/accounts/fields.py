"""Fields that several forms ask for in the same words."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workspace.accounts import preferences


class EmailField(forms.EmailField):
    """By which somebody signs in."""

    def __init__(self) -> None:
        widget = forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"})
        super().__init__(label=_("E-mail"), max_length=254, widget=widget)


class KnownPasswordField(forms.CharField):
    """A password that is there already."""

    def __init__(self, label: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        super().__init__(label=label, strip=False, max_length=1024, widget=widget)


class NewPasswordField(forms.CharField):
    """A password that somebody chooses. What makes it a good one, `settings.AUTH_PASSWORD_VALIDATORS` says."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            strip=False,
            max_length=1024,
            help_text=_("At least 15 characters. A few words that do not belong together are easy to keep in mind."),
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": "15"}),
        )


class NameField(forms.CharField):
    """What somebody is called."""

    def __init__(self, *, required: bool = True) -> None:
        super().__init__(
            label=_("Your name"),
            max_length=150,
            required=required,
            help_text=_("Your colleagues see it."),
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
        )


class WorkspaceNameField(forms.CharField):
    """What a workspace is called."""

    def __init__(self, help_text: Any = "") -> None:
        widget = forms.TextInput(attrs={"autocomplete": "organization"})
        super().__init__(label=_("Name of the workspace"), max_length=100, help_text=help_text, widget=widget)


class TimeZoneField(forms.CharField):
    """A time zone by its name, or by a city alone if there is one of that name; empty is UTC."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Time zone"),
            max_length=64,
            required=False,
            help_text=_("Type a city, “Tokyo” for one, and choose. Empty is UTC."),
            widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
        )

    def clean(self, value: Any) -> str:
        """The name of the zone.

        Raises:
            ValidationError: there is none.
        """
        said: str = super().clean(value).strip()
        found = preferences.zone_named(said) if said else ""
        if found is None:
            raise forms.ValidationError(_("There is no such time zone. Choose one of the list."), code="invalid_choice")
        return found
