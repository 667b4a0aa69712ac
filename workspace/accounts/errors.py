"""AtriumError
├── Unauthenticated
│   ├── CredentialRefused    401  unknown, expired or revoked
│   │   └── SignInTooOld     401  the workspace lets a session live, or lie idle, no longer
│   └── StepUpNeeded         401  what was proved is not enough (RFC 9470)
│       ├── SignInTooWeak    401  for the workspace: another factor is needed
│       ├── SignInElsewhere  401  for the workspace: by the organisation's own sign-in
│       └── ReauthenticationNeeded  401  for something sensitive: it is too weak, or too long ago
├── Forbidden
│   ├── AddressRefused       403  the workspace lets nobody in from this network
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


class SignInTooOld(CredentialRefused):
    code, title = "sign_in_too_old", "Your sign-in is too long ago: sign in again"


class StepUpNeeded(Unauthenticated):
    """`params` may hold the `level` that is needed, and `max_age`: how many seconds old its proof may be."""

    @property
    def challenge(self) -> str:
        """After RFC 9470, section 3."""
        asked = ['Bearer error="insufficient_user_authentication"', f'error_description="{self.title}"']
        if "level" in self.params:
            asked.append(f'acr_values="urn:atrium:level:{self.params["level"]}"')
        if "max_age" in self.params:
            asked.append(f'max_age="{self.params["max_age"]}"')
        return ", ".join(asked)


class SignInTooWeak(StepUpNeeded):
    code, title = "sign_in_too_weak", "Your workspace asks for a stronger sign-in"


class SignInElsewhere(StepUpNeeded):
    code, title = "sign_in_elsewhere", "Your workspace asks for your organisation's own sign-in"


class ReauthenticationNeeded(StepUpNeeded):
    code, title = "reauthentication_needed", "Show again that it is you"


class AddressRefused(Forbidden):
    code, title = "address_refused", "Your workspace lets nobody in from this network"


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
