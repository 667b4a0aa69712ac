"""A person's own account: who they are, how they want the pages, and their password."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext

from workspace.accounts import assurance, preferences, profiles, sessions
from workspace.accounts.assurance import Proof
from workspace.accounts.forms import PasswordForm, ProfileForm
from workspace.accounts.models import Method
from workspace.accounts.pages import PageView
from workspace.common.errors import Invalid, TooManyRequests
from workspace.common.forms import tell

FIELDS = ("name", "language", "time_zone", "theme")


class AccountView(PageView):
    """Name, language, time zone and appearance."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form as it stands."""
        return self._shown(ProfileForm(initial={field: getattr(self.person, field) for field in FIELDS}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keeps all of it; the next page is in the new language already."""
        form = ProfileForm(request.POST)
        if not form.is_valid():
            return self._shown(form, 400)
        chosen = {field: str(form.cleaned_data[field]) for field in FIELDS}
        profiles.change(self.actor.user, chosen)
        answer = redirect("account")
        preferences.remember(answer, chosen["language"], chosen["theme"])
        preferences.Preferences(language=chosen["language"]).follow()
        messages.success(request, gettext("Saved."))
        return answer

    def _shown(self, form: ProfileForm, status: int = 200) -> HttpResponse:
        return self.page("accounts/account.html", status, form=form, places=preferences.places())


class PasswordView(PageView):
    """The change of the password, by whoever knows the present one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self.page("accounts/password.html", form=PasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Raises:
        TooManyRequests: too many tries in a minute.
        """
        form = PasswordForm(request.POST)
        if form.is_valid():
            if not ratelimit.consume(request, action="change_password", user=self.person):
                raise TooManyRequests
            try:
                return self._changed(request, form.cleaned_data["current"], form.cleaned_data["new"])
            except Invalid as error:
                tell(form, error)
        return self.page("accounts/password.html", 400, form=form)

    def _changed(self, request: HttpRequest, current: str, new: str) -> HttpResponse:
        person = self.person
        ended = profiles.change_password(self.actor, person, current, new)
        proofs = [*assurance.proofs_of(self.actor.credential), Proof(Method.PASSWORD)]
        update_session_auth_hash(request, person)
        sessions.keep(request, person, proofs)
        said = gettext("Your password is changed.")
        if ended:
            said = ngettext(
                "Your password is changed. %(number)d other browser was signed out.",
                "Your password is changed. %(number)d other browsers were signed out.",
                ended,
            ) % {"number": ended}
        messages.success(request, said)
        return redirect("account")
