"""AtriumError
├── Unauthenticated
│   └── CredentialRefused    401  unknown, expired or revoked
├── Forbidden
│   ├── InvitationForeign    403  it is for another address
│   └── CapabilityMissing    403  the role or the token's scopes do not include it
├── NotFound
│   ├── OwnerLinkSpent       404  used, too old, or there is an owner already
│   ├── InvitationUnknown    404  no such link, or a newer one was sent
│   ├── InvitationOver       404  accepted, taken back, or too old
│   ├── NoSuchPerson         404  asked by whoever runs the server
│   └── NoSuchWorkspace      404  asked by whoever runs the server; also when a name is not unique
├── Conflict
│   ├── WorkspaceChanged     409  a form was drawn for another workspace than the session is in now
│   ├── EmailTaken           409  there is such a person already
│   └── MemberAlready        409  the invited address belongs to a member, or to one who was shut out
└── Unavailable
    └── MailNotTaken         503  by the mail server, or the outbox cannot be written to
"""

from workspace.common.errors import Conflict, Forbidden, NotFound, Unauthenticated, Unavailable


class CredentialRefused(Unauthenticated):
    code, title = "credential_refused", "This credential is unknown, expired or revoked"


class CapabilityMissing(Forbidden):
    code, title = "capability_missing", "Your role or this token does not allow it"


class InvitationForeign(Forbidden):
    code, title = "invitation_foreign", "This invitation is for another address"


class OwnerLinkSpent(NotFound):
    code, title = "owner_link_spent", "This link was used, is too old, or there is an owner already"


class InvitationUnknown(NotFound):
    code, title = "invitation_unknown", "There is no such invitation, or a newer one was sent"


class InvitationOver(NotFound):
    code, title = "invitation_over", "This invitation was accepted, taken back, or is too old"


class NoSuchPerson(NotFound):
    code, title = "no_such_person", "There is no such person, or not in this workspace"


class NoSuchWorkspace(NotFound):
    code, title = "no_such_workspace", "There is no such workspace, or more than one: give its id"


class WorkspaceChanged(Conflict):
    code, title = "workspace_changed", "This page was drawn for another workspace than the one you are in now"


class EmailTaken(Conflict):
    code, title = "email_taken", "There is already a person with this address"


class MemberAlready(Conflict):
    code, title = "member_already", "This person is a member, or was deactivated and can be reactivated"


class MailNotTaken(Unavailable):
    code, title = "mail_not_taken", "The mail server does not take mail for the moment"
