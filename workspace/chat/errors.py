"""AtriumError
└── Conflict
    ├── TurnRunning       409  this place of the conversation is being answered
    └── NotContinuable    409  the answer came to its end, or the conversation went on after it
"""

from workspace.common.errors import Conflict, FieldError, Invalid


class TurnRunning(Conflict):
    code, title = "turn_running", "This message is being answered"


class NotContinuable(Conflict):
    code, title = "not_continuable", "This answer cannot be continued"


def refused(field: str, code: str, detail: str) -> Invalid:
    """The error that one field of the request cannot be used as it is."""
    return Invalid(errors=(FieldError(field, code, detail),))
