"""What can go wrong on one machine. Every error says in its text what a person can do about it."""


class LocalError(Exception):
    """A part of the one-machine default cannot do its work; the text names the part and the remedy."""


class StartFailed(LocalError):
    """A server did not come up; the text ends with the last lines of its log."""


class Unreachable(LocalError):
    """The user that runs PostgreSQL cannot reach the folder or the binaries."""


class MissingWheel(LocalError):
    """The package that carries the server's binaries is not installed."""


class AlreadyRunning(LocalError):
    """Another supervisor holds this home."""


class NothingRuns(LocalError):
    """A command needs a running product, and there is none in this home."""


class ForeignHome(LocalError):
    """This user may not use the home, or it cannot be made."""


class PortsTaken(LocalError):
    """No port near the wanted one is free."""
