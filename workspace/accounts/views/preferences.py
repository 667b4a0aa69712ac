"""Where the switches of every page send what somebody prefers."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views import View

from workspace.accounts import preferences, profiles
from workspace.accounts.models import Language, Theme
from workspace.common.addresses import is_own_path
from workspace.common.errors import FieldError, Invalid


class PreferencesForm(forms.Form):
    """Any of the three; what is not sent stays as it is."""

    language = forms.ChoiceField(choices=Language.choices, required=False)
    theme = forms.ChoiceField(choices=Theme.choices, required=False)
    time_zone = forms.CharField(max_length=64, required=False)

    def clean_time_zone(self) -> str:
        """Only a name that is known."""
        name: str = self.cleaned_data["time_zone"]
        if name and name not in preferences.zones():
            raise forms.ValidationError(_("There is no such time zone."), code="invalid_choice")
        return name

    def chosen(self) -> dict[str, str]:
        """What was sent, of a valid form. A theme cannot be nothing."""
        sent = {name: str(value) for name, value in self.cleaned_data.items() if name in self.data}
        return {name: value for name, value in sent.items() if value or name != "theme"}


class PreferencesView(View):
    """For everybody: a person's choice goes into their account, and a visitor's stays in the browser."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """204 for a script, else back to the page that asked: `next`, or where the form stood.

        Raises:
            Invalid: there is no such language, theme or time zone.
        """
        form = PreferencesForm(request.POST)
        if not form.is_valid():
            raise Invalid(errors=tuple(_faults(form)))
        chosen = form.chosen()
        if request.user.is_authenticated:
            profiles.change(request.user.id, chosen)
        response = HttpResponse(status=204) if _is_by_script(request) else redirect(way_back(request))
        preferences.remember(response, chosen.get("language"), chosen.get("theme"))
        return response


def _faults(form: forms.Form) -> Any:
    for name, faults in form.errors.as_data().items():
        for fault in faults:
            yield FieldError(name, str(fault.code), "; ".join(fault.messages))


def _is_by_script(request: HttpRequest) -> bool:
    """Browsers say whether they follow a form or a script asks; an old one that does not is sent back to its page."""
    return "HX-Request" in request.headers or request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"


def way_back(request: HttpRequest) -> str:
    """A path of this site alone: what the form names, else the page it stood on, else the first page."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    stood_on = came_from._replace(scheme="", netloc="").geturl() if came_from.netloc == request.get_host() else ""
    for path in (request.POST.get("next", ""), stood_on):
        if is_own_path(path) and _can_be_opened(path):
            return path
    return "/"


def _can_be_opened(path: str) -> bool:
    """Whether a browser may go there: a page that answered a form may stand at an address for forms alone."""
    try:
        view = getattr(resolve(urlsplit(path).path).func, "view_class", None)
    except Resolver404:
        return True  # the page that says so, in the language that was chosen
    return view is None or hasattr(view, "get")
