"""The settings of this room."""

from dataclasses import dataclass

from workspace.common import environment


@dataclass(frozen=True, slots=True)
class RunsConf:
    """Times in seconds. A runner that says nothing for `lease` has lost its runs; it says something every `heartbeat`.
    It looks for runs at least every `poll`, and writes no more than `concurrency` answers at once. A run fails
    when, after an engine failed it, none brings anything for `give_up`.
    """

    lease: float = 6.0
    heartbeat: float = 1.5
    poll: float = 1.0
    concurrency: int = 64
    give_up: float = 30.0

    @classmethod
    def from_environment(cls) -> "RunsConf":
        """`ATRIUM_RUN_LEASE` (the heartbeat is a quarter of it), `ATRIUM_RUN_CONCURRENCY`, `ATRIUM_RUN_GIVE_UP`.

        Raises:
            EnvironmentValueError: a value cannot be used.
        """
        lease = environment.seconds("ATRIUM_RUN_LEASE", 6.0)
        return cls(
            lease=lease,
            heartbeat=lease / 4,
            concurrency=environment.number("ATRIUM_RUN_CONCURRENCY", 64),
            give_up=environment.seconds("ATRIUM_RUN_GIVE_UP", 30.0),
        )


@dataclass(frozen=True, slots=True)
class KeepingConf:
    """How long the journal is kept, in days, for clients that come back; and token ids of answers that can be
    continued, in hours.
    """

    journal_days: int = 7
    token_hours: int = 24

    @classmethod
    def from_environment(cls) -> "KeepingConf":
        """`ATRIUM_JOURNAL_DAYS`, `ATRIUM_TOKEN_HOURS`.

        Raises:
            EnvironmentValueError: a value cannot be used.
        """
        return cls(environment.number("ATRIUM_JOURNAL_DAYS", 7), environment.number("ATRIUM_TOKEN_HOURS", 24))
