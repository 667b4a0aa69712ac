"""REST: who am I?"""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workspace.accounts import permissions, queries
from workspace.accounts.serializers import Me, PersonShown, WorkspaceShown
from workspace.common.api import WorkView, answer


class MeView(WorkView):
    """The actor itself."""

    @extend_schema(operation_id="me", responses=Me)
    def get(self, request: Request) -> Response:
        """The person, the workspace, the role and what both allow through this credential."""
        person, workspace = queries.person(self.actor), queries.current_workspace()
        return answer(
            Me(
                user=PersonShown(id=str(person.id), email=person.email, name=person.name),
                workspace=WorkspaceShown(id=str(workspace.id), name=workspace.name, kind=workspace.kind),
                role=str(permissions.role_of(self.actor)),
                capabilities=sorted(permissions.capabilities_of(self.actor)),
            )
        )
