"""AtriumError
├── Unauthenticated
│   └── CredentialRefused    401  unknown, expired or revoked
├── Forbidden
│   └── CapabilityMissing    403  the role or the token's scopes do not include it
└── Conflict
    └── EmailTaken           409  there is such a person already
"""

from workspace.common.errors import Conflict, Forbidden, Unauthenticated


class CredentialRefused(Unauthenticated):
    code, title = "credential_refused", "This credential is unknown, expired or revoked"


class CapabilityMissing(Forbidden):
    code, title = "capability_missing", "Your role or this token does not allow it"


class EmailTaken(Conflict):
    code, title = "email_taken", "There is already a person with this address"
