"""Where somebody who is signed in shows again that it is them."""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from workspace.accounts import assurance
from workspace.accounts.assurance import Proof
from workspace.accounts.authentication import SessionShown
from workspace.accounts.forms import AgainForm
from workspace.accounts.models import Method
from workspace.accounts.pages import PageView
from workspace.common.addresses import is_own_path
from workspace.common.contracts import Actor
from workspace.common.errors import TooManyRequests


class AgainView(PageView):
    """Asks for the password, and leads back to where it was asked for (`next`)."""

    @contextmanager
    def entered(self, shown: SessionShown) -> Iterator[Actor]:
        """As they are: more is asked here."""
        with shown.entered_to_prove() as (actor, self.standing):
            yield actor

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self._shown(AgainForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Raises:
        TooManyRequests: too many tries in a minute.
        """
        form = AgainForm(request.POST)
        if form.is_valid():
            if not ratelimit.consume(request, action="reauthenticate", user=self.person):
                raise TooManyRequests
            if self.person.check_password(form.cleaned_data["password"]):
                assurance.prove(self.actor.credential, [Proof(Method.PASSWORD)])
                return redirect(self._next())
            form.add_error("password", gettext("This is not your password."))
        return self._shown(form, 400)

    def _next(self) -> str:
        asked = self.request.GET.get("next", "/")
        return asked if is_own_path(asked) else "/"

    def _shown(self, form: AgainForm, status: int = 200) -> HttpResponse:
        return self.part("accounts/again.html", status, form=form)
