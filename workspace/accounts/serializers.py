"""What the API shows of people and workspaces."""

from pydantic import BaseModel


class PersonShown(BaseModel):
    """The actor's own account."""

    id: str
    email: str
    name: str


class WorkspaceShown(BaseModel):
    """The workspace that the credential belongs to."""

    id: str
    name: str
    kind: str


class Me(BaseModel):
    """Who asks, where, and what they may do there."""

    user: PersonShown
    workspace: WorkspaceShown
    role: str
    capabilities: list[str]
