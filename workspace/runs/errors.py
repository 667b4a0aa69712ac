"""Why a run ended without an answer. The code goes into the public `failed` event.

AtriumError
├── NoAnswer          502  the model ended without writing a `final` message; retryable
├── TooManyTakeovers  500  every runner that claimed it died of it
└── RunBroken         500  a fault of ours; the log of the turns process has it
"""

from workspace.common.errors import AtriumError


class NoAnswer(AtriumError):
    code, status, title, retryable = "no_answer", 502, "The model ended without an answer", True


class TooManyTakeovers(AtriumError):
    code, title = "too_many_takeovers", "This could not be finished, although it was tried again and again"


class RunBroken(AtriumError):
    code, title, retryable = "internal", "Something went wrong", True
