"""The first set-up: who the owner is, and what the workspace is called. A third step looks at the engine (room `web`),
the fourth invites colleagues. Nothing is made before the second; what the first asked waits in the browser's session.
"""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views import View

from workspace.accounts import actions, people, preferences, queries, sessions
from workspace.accounts.assurance import Proof
from workspace.accounts.door_forms import FirstStepForm, SecondStepForm
from workspace.accounts.errors import EmailTaken, OwnerLinkSpent
from workspace.accounts.models import Method, User
from workspace.accounts.pages import METHODS
from workspace.common.errors import Invalid
from workspace.common.forms import tell

KEPT: Final = "set_up"


class LinkView(View):
    """Behind the owner's link. Whoever has gone through it comes back by their browser's history: they are led on."""

    http_method_names = METHODS
    template = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raises:
        OwnerLinkSpent: the link was used, is too old, or there is an owner.
        """
        self.token = request.GET.get("token", "")
        try:
            queries.check_owner_link(self.token)
            return super().dispatch(request, *args, **kwargs)
        except OwnerLinkSpent:
            if not request.user.is_authenticated:
                raise
            return redirect("set_up_engine")

    def step(self, name: str) -> str:
        """The address of a step, with the link's token."""
        return reverse(name, query={"token": self.token})


class FirstStepView(LinkView):
    """The account."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, with what was said before."""
        return self._shown(FirstStepForm(None, request.session.get(KEPT, {})))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keeps it for the next step: of the password its hash alone."""
        kept: dict[str, str] = request.session.get(KEPT, {})
        form = FirstStepForm(request.POST, kept)
        if form.is_valid():
            try:
                request.session[KEPT] = _checked(form, kept)
            except Invalid as error:
                tell(form, error)
            else:
                return redirect(self.step("set_up_workspace"))
        return self._shown(form, 400)

    def _shown(self, form: FirstStepForm, status: int = 200) -> HttpResponse:
        return render(self.request, "accounts/set_up.html", {"form": form}, status=status)


def _checked(form: FirstStepForm, kept: dict[str, str]) -> dict[str, str]:
    """Raises:
    Invalid: the password is too short or too common.
    """
    said = form.cleaned_data
    user = User(email=said["email"].strip().lower(), name=said["name"], password=kept.get("password", ""))
    if said["password"]:
        people.choose_password(user, said["password"])
    return {"email": user.email, "name": user.name, "password": user.password}


class SecondStepView(LinkView):
    """The workspace."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form; back to the first step for whoever has not been there in this browser."""
        if KEPT not in request.session:
            return redirect(self.step("set_up"))
        return self._shown(SecondStepForm(initial={"language": get_language()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Makes the owner and the workspace, signs in, and ends the link.

        Raises:
            OwnerLinkSpent: somebody else was quicker.
        """
        if KEPT not in request.session:
            return redirect(self.step("set_up"))
        form = SecondStepForm(request.POST)
        if form.is_valid():
            try:
                return self._made(request, form.cleaned_data)
            except EmailTaken:
                messages.error(request, gettext("There is already somebody with this address. Give another."))
                return redirect(self.step("set_up"))
            except Invalid as error:
                tell(form, error)
        return self._shown(form, 400)

    def _made(self, request: HttpRequest, said: dict[str, str]) -> HttpResponse:
        language = said["language"] or get_language() or ""
        owner = User(**request.session[KEPT], language=language, time_zone=said["time_zone"])
        owner = actions.claim_ownership(self.token, owner, said["workspace"])
        sessions.sign_in(request, owner, [Proof(Method.PASSWORD)])
        del request.session[KEPT]
        answer = redirect("set_up_engine")
        preferences.remember(answer, language)
        return answer

    def _shown(self, form: SecondStepForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "places": preferences.places(), "back": self.step("set_up")}
        return render(self.request, "accounts/set_up_workspace.html", context, status=status)
