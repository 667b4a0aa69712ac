"""Inviting colleagues, and coming in by an invitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views import View

from workspace.accounts import invitations, permissions, sessions
from workspace.accounts.assurance import Proof
from workspace.accounts.authentication import ACTIVE_WORKSPACE
from workspace.accounts.door_forms import InviteForm, NewcomerForm, ReturningForm
from workspace.accounts.errors import EmailTaken, InvitationForeign, InvitationOver, InvitationUnknown, MemberAlready
from workspace.accounts.invitations import Shown, State
from workspace.accounts.models import Method, Role, User
from workspace.accounts.pages import METHODS, PageView
from workspace.accounts.permissions import Capability
from workspace.common.errors import Invalid
from workspace.common.forms import tell
from workspace.common.outbox import outbox

# Two forms stand on one page, each with a field for a password.
RETURNING: Final = "returning_%s"


@dataclass(frozen=True, slots=True)
class Invited:
    """What became of one address. Without a link, nothing."""

    email: str
    link: str = ""


class InvitingView(PageView):
    """For whoever manages members: the form that invites, and whom the workspace waits for."""

    template = "accounts/invitations.html"

    def form(self, request: HttpRequest | None = None) -> InviteForm:
        """The form, empty or as it was sent.

        Raises:
            CapabilityMissing: members invite nobody.
        """
        permissions.require(self.actor, Capability.MANAGE_MEMBERS)
        return InviteForm(request.POST if request else None, invitations.roles_to_give(self.actor))

    def shown(self, form: InviteForm, status: int = 200, invited: Sequence[Invited] = ()) -> HttpResponse:
        """The page in the shell."""
        return self.page(self.template, status, **self.context(form, invited))

    def context(self, form: InviteForm, invited: Sequence[Invited]) -> dict[str, Any]:
        """What the templates need; `outbox` is the folder that mail is written to, if it is."""
        pending = invitations.pending(self.actor)
        return {"form": form, "invited": invited, "pending": pending, "outbox": outbox()}


class InvitationsView(InvitingView):
    """Invites, and lists."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Raises:
        CapabilityMissing: members invite nobody.
        """
        return self.shown(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Invites. The links stand in this answer alone, so there is no page to be led to.

        Raises:
            CapabilityMissing: members invite nobody.
        """
        form = self.form(request)
        if not form.is_valid():
            return self.shown(form, 400)
        said = form.cleaned_data
        invited = [self._invited(email, Role(said["role"])) for email in said["emails"]]
        return self.shown(self.form(), 201, invited)

    def _invited(self, email: str, role: Role) -> Invited:
        try:
            return Invited(email, invitations.link_of(invitations.invite(self.actor, email, role)))
        except MemberAlready:
            return Invited(email)


class SetUpInviteView(InvitationsView):
    """The last step of the first set-up."""

    template = "accounts/set_up_invite.html"

    def shown(self, form: InviteForm, status: int = 200, invited: Sequence[Invited] = ()) -> HttpResponse:
        """The page on the porch."""
        return self.part(self.template, status, **self.context(form, invited))


class ResendInvitationView(InvitingView):
    """Another mail, with a new link."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, invitation: UUID) -> HttpResponse:
        """Raises:
        CapabilityMissing, NotFound: see `invitations.resend`.
        """
        found = invitations.resend(self.actor, invitation)
        return self.shown(self.form(), 201, [Invited(found.email, invitations.link_of(found))])


class RevokeInvitationView(PageView):
    """The end of an invitation."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, invitation: UUID) -> HttpResponse:
        """Raises:
        CapabilityMissing, NotFound: see `invitations.revoke_invitation`.
        """
        invitations.revoke_invitation(self.actor, invitation)
        messages.success(request, gettext("The invitation is taken back; its link leads nowhere any more."))
        return redirect("invitations")


class InvitationView(View):
    """Behind the link that was sent. It says the same to whoever has an account and whoever has none."""

    http_method_names = METHODS

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """The ways in, or why there is none."""
        return self._shown(token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """`way`: `new` makes an account, `account` proves one, `join` is for whoever is signed in."""
        match request.POST.get("way"):
            case "new":
                return self._new(request, token)
            case "account":
                return self._returning(request, token)
            case _:
                return (
                    self._joined(request, token, request.user) if request.user.is_authenticated else self._shown(token)
                )

    def _new(self, request: HttpRequest, token: str) -> HttpResponse:
        form = NewcomerForm(request.POST)
        if form.is_valid():
            try:
                user = invitations.accept_as_new(token, form.cleaned_data["name"], form.cleaned_data["password"])
            except Invalid as error:
                tell(form, error)
            except EmailTaken:
                form.add_error(None, gettext("You have an account with this address already. Give its password below."))
            except (InvitationOver, InvitationUnknown):
                return self._over(token)
            else:
                sessions.sign_in(request, user, [Proof(Method.PASSWORD)])
                return redirect("home")
        return self._shown(token, 400, form=form)

    def _returning(self, request: HttpRequest, token: str) -> HttpResponse:
        form = ReturningForm(request.POST, auto_id=RETURNING)
        try:
            email = invitations.look(token).email
        except InvitationUnknown:
            return self._over(token)
        user = _proved(request, form, email) if form.is_valid() else None
        return self._joined(request, token, user) if user else self._shown(token, 400, returning=form)

    def _joined(self, request: HttpRequest, token: str, user: Any) -> HttpResponse:
        try:
            workspace = invitations.accept(token, user)
        except InvitationForeign:
            return self._shown(token)
        except (InvitationOver, InvitationUnknown):
            return self._over(token)
        if request.user != user:  # nobody is signed in here, or somebody else: their session is not the newcomer's
            sessions.sign_in(request, user, [Proof(Method.PASSWORD)])
        request.session[ACTIVE_WORKSPACE] = str(workspace)
        return redirect("home")

    def _shown(self, token: str, status: int = 200, **given: forms.Form) -> HttpResponse:
        try:
            shown = invitations.look(token)
        except InvitationUnknown:
            return self._over(token)
        if shown.state is not State.OPEN:
            return self._over(token)
        context = {"shown": shown, "form": NewcomerForm(), "returning": ReturningForm(auto_id=RETURNING)} | given
        return render(self.request, "accounts/invitation.html", context, status=status)

    def _over(self, token: str) -> HttpResponse:
        """Why it opens nothing, and what to do."""
        try:
            shown: Shown | None = invitations.look(token)
        except InvitationUnknown:
            shown = None
        return render(self.request, "accounts/invitation_over.html", {"shown": shown}, status=404)


def _proved(request: HttpRequest, form: forms.Form, email: str) -> User | None:
    """Whoever has this address and the password that the form says; too many tries are refused, as at sign-in."""
    try:
        user: User | None = get_adapter(request).authenticate(
            request, email=email, password=form.cleaned_data["password"]
        )
    except ValidationError as error:
        form.add_error(None, error)
        return None
    if user is None:
        form.add_error("password", gettext("This is not the password of this account."))
    return user
