"""AtriumError
├── Unauthenticated
│   └── CredentialRefused    401  unknown, expired or revoked
├── Forbidden
│   └── CapabilityMissing    403  the role or the token's scopes do not include it
├── NotFound
│   ├── OwnerLinkSpent       404  used, too old, or there is an owner already
│   ├── NoSuchPerson         404  asked by whoever runs the server
│   └── NoSuchWorkspace      404  asked by whoever runs the server; also when a name is not unique
└── Conflict
    └── EmailTaken           409  there is such a person already
"""

from workspace.common.errors import Conflict, Forbidden, NotFound, Unauthenticated


class CredentialRefused(Unauthenticated):
    code, title = "credential_refused", "This credential is unknown, expired or revoked"


class CapabilityMissing(Forbidden):
    code, title = "capability_missing", "Your role or this token does not allow it"


class OwnerLinkSpent(NotFound):
    code, title = "owner_link_spent", "This link was used, is too old, or there is an owner already"


class NoSuchPerson(NotFound):
    code, title = "no_such_person", "There is no such person, or not in this workspace"


class NoSuchWorkspace(NotFound):
    code, title = "no_such_workspace", "There is no such workspace, or more than one: give its id"


class EmailTaken(Conflict):
    code, title = "email_taken", "There is already a person with this address"
