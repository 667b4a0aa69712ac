"""What keeps an engine from serving, in words: what is wrong, and what whoever runs Atrium can do about it.

It needs no Django, so that the commands of one machine say the same as the pages, which translate it.
"""

from dataclasses import dataclass
from typing import Final

from inference.contracts import EngineProblem


def gettext_noop(text: str) -> str:
    """Marks a text for the catalogues; translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Remedy:
    what: str
    remedy: str


REMEDIES: Final[dict[EngineProblem, Remedy]] = {
    EngineProblem.UNREACHABLE: Remedy(
        gettext_noop("The engine does not answer."),
        gettext_noop("Start it, or correct ENGINE_URL. The command “manage.py doctor” says more."),
    ),
    EngineProblem.LOADING: Remedy(
        gettext_noop("The engine is loading its model."),
        gettext_noop("Wait a little: a large model takes a minute or two."),
    ),
    EngineProblem.WRONG_KEY: Remedy(
        gettext_noop("The engine wants another key."),
        gettext_noop("Set ENGINE_KEY to the key of the engine, and start Atrium again."),
    ),
    EngineProblem.NO_ENGINE: Remedy(
        gettext_noop("What answers there is neither llama.cpp (/props) nor vLLM (/version)."),
        gettext_noop(
            "Let ENGINE_URL name a llama.cpp or vLLM server, without a path. Chat-only servers cannot be used yet."
        ),
    ),
    EngineProblem.UNKNOWN_TOKENS: Remedy(
        gettext_noop("The engine serves a model whose token list is not known here."),
        gettext_noop("Serve a gpt-oss model. For llama.cpp, GGUF= may name the model’s file."),
    ),
    EngineProblem.FILE_MISSING: Remedy(
        gettext_noop("The model file is not there."),
        gettext_noop("Correct the path in GGUF, and start Atrium again."),
    ),
    EngineProblem.FILE_UNREADABLE: Remedy(
        gettext_noop("The model file cannot be read."),
        gettext_noop("Let GGUF name a file, not a folder, that Atrium’s user may read, and start Atrium again."),
    ),
    EngineProblem.FILE_BROKEN: Remedy(
        gettext_noop("The model file is not a whole GGUF file."),
        gettext_noop("Download it again and compare its size, then start Atrium again."),
    ),
    EngineProblem.FILE_FOREIGN: Remedy(
        gettext_noop("The model file holds no gpt-oss model."),
        gettext_noop("Let GGUF name a gpt-oss-20b or gpt-oss-120b file, and start Atrium again."),
    ),
}
# How the line begins that the engine of this machine ends with when it cannot serve: who supervises it repeats it.
CANNOT_SERVE: Final = "cannot serve: "
NOT_LOOKED_YET: Final = Remedy(gettext_noop("The engine is being looked for."), gettext_noop("Wait a moment."))


def remedy_of(problem: str) -> Remedy:
    """What to say of an engine that is not ready; `problem` is a code of `EngineProblem`, or empty."""
    return REMEDIES[EngineProblem(problem)] if problem in set(EngineProblem) else NOT_LOOKED_YET
