"""The settings of the compliance room. Read at each use, so that a process has no stale copy of a policy's figure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from workspace.common import environment

# Neither life may be longer: that is what the product tells people (docs/compliance.md).
LONGEST: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ComplianceConf:
    """How long a temporary chat lives, and how long what a person deleted is kept, hidden, before it is purged."""

    temporary_life: timedelta = LONGEST
    deletion_grace: timedelta = LONGEST

    @classmethod
    def from_environment(cls) -> "ComplianceConf":
        """`ATRIUM_TEMPORARY_TTL` and `ATRIUM_DELETED_TTL`, in seconds.

        Raises:
            EnvironmentValueError: a value is no number, or more than 30 days; or a temporary chat would have no life.
        """
        temporary = environment.seconds("ATRIUM_TEMPORARY_TTL", LONGEST.total_seconds())
        deleted = environment.seconds("ATRIUM_DELETED_TTL", LONGEST.total_seconds())
        if not 0 < temporary <= LONGEST.total_seconds():
            raise environment.EnvironmentValueError(
                "ATRIUM_TEMPORARY_TTL takes more than 0 and at most 2592000 seconds"
            )
        if deleted > LONGEST.total_seconds():
            raise environment.EnvironmentValueError("ATRIUM_DELETED_TTL takes at most 2592000 seconds")
        return cls(timedelta(seconds=temporary), timedelta(seconds=deleted))
