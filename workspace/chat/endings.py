"""What a page says below an answer that did not end by itself: what happened, and the next step."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workspace.chat.models import Message


@dataclass(frozen=True, slots=True)
class Ending:
    """`what` happened and what to do `next`, in the language of whoever reads it."""

    what: Promise | str
    next: Promise | str
    is_failure: bool = False


STOPPED: Final = Ending(_("Stopped."), _("What was written until then is kept."))
CUT: Final = Ending(_("The answer is as long as one answer can be."), _("It can go on from here."))
_LATER: Final = _("Try again in a minute. If it stays so, tell whoever runs this server.")
_FAILURES: Final[dict[str, tuple[Promise | str, Promise | str]]] = {
    "engine_unavailable": (_("No model engine answers."), _LATER),
    "engine_failed": (_("The model engine failed in mid-answer."), _("What it had written is kept. Let it go on.")),
    "engine_timeout": (_("The model engine fell silent."), _("What it had written is kept. Let it go on.")),
    "engine_refused": (_("The model engine refused the request."), _LATER),
    "context_overflow": (
        _("This chat has become too long for the model."),
        _("Begin a new chat with what matters from this one."),
    ),
    "model_not_served": (
        _("No engine serves the model of this chat any more."),
        _("Begin a new chat, or ask whoever runs this server to serve it again."),
    ),
    "no_answer": (_("The model ended without an answer."), _("Try again, or put the question another way.")),
}
# After these, going on would fail again.
HOPELESS: Final = frozenset({"context_overflow", "model_not_served"})
_UNKNOWN: Final = (_("The answer could not be finished."), _LATER)


def ending_of(status: str, code: str, *, is_cut: bool) -> Ending | None:
    """None where the answer is whole, or is still being written."""
    if status == Message.Status.FAILED:
        what, following = _FAILURES.get(code, _UNKNOWN)
        return Ending(what, following, is_failure=True)
    if status == Message.Status.STOPPED:
        return STOPPED
    return CUT if is_cut else None
