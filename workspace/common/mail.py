"""Where mail is handed over. Needs no Django, so that the settings and the supervisor can use it."""

from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from workspace.common.environment import EnvironmentValueError

TAKES: Final = "EMAIL_URL takes smtp://user:password@host:587?tls=1, smtps://user:password@host:465, or nothing"


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server. Without a host there is none, and mail goes into the outbox."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False
    """Encrypted from the first byte."""
    is_starttls: bool = False
    """Plain at first, then encrypted, or not at all."""

    @classmethod
    def named(cls, url: str) -> Self:
        """What an `EMAIL_URL` says; user and password are percent-decoded.

        Raises:
            EnvironmentValueError: it is no such address.
        """
        if not url:
            return cls()
        parts = urlsplit(url)
        port, options = _port(parts), dict(parse_qsl(parts.query, keep_blank_values=True))
        starttls = options.pop("tls", "0")
        is_known = parts.scheme in {"smtp", "smtps"} and parts.hostname and not options and starttls in {"0", "1"}
        if not is_known or parts.path not in {"", "/"} or (parts.scheme == "smtps" and starttls == "1"):
            raise EnvironmentValueError(TAKES)
        is_tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname or "",
            port=port or (465 if is_tls else 587 if starttls == "1" else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            is_tls=is_tls,
            is_starttls=starttls == "1",
        )


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise EnvironmentValueError(TAKES) from None
