"""The workspace's own settings, for its owners."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from workspace.accounts import permissions, queries, workspaces
from workspace.accounts.forms import WorkspaceForm
from workspace.accounts.pages import PageView
from workspace.accounts.permissions import Capability


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
