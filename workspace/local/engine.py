"""Whether this machine runs an engine of its own, and where."""

import importlib.util

from workspace.common import environment

_LIBRARY = "xllamacpp"


def engine_wanted() -> bool:
    """True when no engine is pointed at and the library that serves a model file is installed."""
    return not environment.is_given("ENGINE_URL") and importlib.util.find_spec(_LIBRARY) is not None
