"""The workspace's own settings, for its owners."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from workspace.accounts import assurance, permissions, policies, queries, workspaces
from workspace.accounts.errors import ReauthenticationNeeded
from workspace.accounts.forms import RulesForm, WorkspaceForm
from workspace.accounts.pages import PageView, again_at
from workspace.accounts.permissions import Capability
from workspace.accounts.sessions import Browser
from workspace.common.errors import Conflict, Invalid
from workspace.common.forms import tell


class WorkspaceView(PageView):
    """Its name."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Raises:
        CapabilityMissing: the actor may not manage the workspace.
        """
        permissions.require(self.actor, Capability.MANAGE_WORKSPACE)
        form = WorkspaceForm(initial={"name": queries.current_workspace().name})
        return self.page("accounts/workspace.html", form=form)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Raises:
        CapabilityMissing: the actor may not manage the workspace.
        """
        permissions.require(self.actor, Capability.MANAGE_WORKSPACE)
        form = WorkspaceForm(request.POST)
        if not form.is_valid():
            return self.page("accounts/workspace.html", 400, form=form)
        workspaces.rename(self.actor, form.cleaned_data["name"])
        messages.success(request, gettext("Saved."))
        return redirect("workspace")


class RulesView(PageView):
    """What it asks of those who sign in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Raises:
        CapabilityMissing: the actor may not manage the workspace.
        ReauthenticationNeeded: they have not proved lately that it is them.
        """
        permissions.require(self.actor, Capability.MANAGE_WORKSPACE)
        assurance.require_fresh(self.actor)
        return self._shown(RulesForm.showing(policies.policy_here()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """With `preview` it only says whom these rules would ask for something.

        Raises:
            CapabilityMissing: the actor may not manage the workspace.
        """
        permissions.require(self.actor, Capability.MANAGE_WORKSPACE)
        form = RulesForm(request.POST)
        if not form.is_valid():
            return self._shown(form, 400)
        wanted = form.wanted(policies.policy_here())
        if "preview" in request.POST:
            return self._shown(form, effect=workspaces.effect_of(self.actor, wanted))
        try:
            workspaces.decide(self.actor, wanted, Browser.of(request).address)
        except Invalid as error:
            tell(form, error)
        except Conflict as error:
            form.add_error(None, error.detail)
        except ReauthenticationNeeded as needed:
            # Beside this page, so that what was filled in stays.
            return self._shown(form, 401, again=again_at(request.path, needed))
        else:
            messages.success(request, gettext("These rules hold from now on."))
            return redirect("rules")
        return self._shown(form, 400)

    def _shown(self, form: RulesForm, status: int = 200, **context: object) -> HttpResponse:
        return self.page("accounts/rules.html", status, form=form, **context)
