"""The form behind the owner's link."""

from django import forms
from django.utils.translation import gettext_lazy as _

from workspace.accounts.actions import Founder
from workspace.common.forms import HouseForm


class OwnerForm(HouseForm):
    """The first person and their workspace."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    name = forms.CharField(
        label=_("Your name"), max_length=150, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    workspace = forms.CharField(
        label=_("Name of the workspace"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1024,
        help_text=_("At least 15 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": "15"}),
    )

    def founder(self) -> Founder:
        """What a valid form says."""
        said = self.cleaned_data
        return Founder(said["email"], said["password"], said["workspace"], said["name"])
