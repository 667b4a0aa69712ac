"""The people of a workspace, for whoever manages them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from workspace.accounts import members, permissions
from workspace.accounts.forms import RoleForm
from workspace.accounts.models import Role
from workspace.accounts.pages import PageView
from workspace.accounts.permissions import Capability

LONGEST_SEARCH = 150


class MembersView(PageView):
    """The list, fifty at a time."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """All of them by name, or those that `q` is found in.

        Raises:
            CapabilityMissing: members do not manage each other.
            Invalid: the cursor is not of this list.
        """
        search = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
        cursor = request.GET.get("cursor") or None
        found = members.members(self.actor, search, cursor)
        may_rename = Capability.MANAGE_WORKSPACE in permissions.capabilities_of(self.actor)
        shown = {"search": search, "is_first": cursor is None, "may_rename": may_rename}
        return self.page("accounts/members.html", members=found, listed=shown)


class MemberView(PageView):
    """One of them: the role, and the way out and in."""

    def get(self, request: HttpRequest, member: UUID) -> HttpResponse:
        """Raises:
        CapabilityMissing: members do not manage each other.
        NotFound: nobody of this workspace.
        """
        found = members.member(self.actor, member)
        mine, theirs = permissions.role_of(self.actor), Role(found.role)
        is_changeable = member != self.actor.user and members.may_change(mine, theirs)
        roles = [role for role in Role if members.may_change(mine, role)]
        form = RoleForm(None, roles, theirs) if is_changeable and found.is_active else None
        return self.page("accounts/member.html", member=found, form=form, is_changeable=is_changeable)


class ChangeRoleView(PageView):
    """Another role for a member."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, member: UUID) -> HttpResponse:
        """Raises:
        CapabilityMissing, NotFound, Conflict: see `members.change_role`.
        """
        form = RoleForm(request.POST, list(Role))
        if form.is_valid():
            members.change_role(self.actor, member, Role(form.cleaned_data["role"]))
            messages.success(request, gettext("The role is changed, and holds from now on."))
        else:
            messages.error(request, gettext("The role stays as it was: choose one of the list."))
        return redirect("member", member)


class DeactivateMemberView(PageView):
    """Shutting somebody out."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, member: UUID) -> HttpResponse:
        """Raises:
        CapabilityMissing, NotFound, Conflict: see `members.deactivate_member`.
        """
        members.deactivate_member(self.actor, member)
        messages.success(request, gettext("Deactivated: every open page of theirs ends within five seconds."))
        return redirect("member", member)


class ReactivateMemberView(PageView):
    """Letting somebody in again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, member: UUID) -> HttpResponse:
        """Raises:
        CapabilityMissing, NotFound, Conflict: see `members.reactivate_member`.
        """
        members.reactivate_member(self.actor, member)
        messages.success(request, gettext("Reactivated: they may come in again."))
        return redirect("member", member)
