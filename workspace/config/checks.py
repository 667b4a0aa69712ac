"""System checks: what would make a start pointless is an error before it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from workspace.common import audit
from workspace.common.kms import local_key

ROLES = ("web", "runner", "sweep", "owner")


def register_all() -> None:
    """Called once a process, when all apps are there."""
    for check in (writer_installed, key_usable, values_usable):
        register(check)


def writer_installed(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Nothing starts without somebody who keeps the audit trail."""
    return [] if audit.installed() else [Error("no audit writer is installed", id="atrium.E010")]


def key_usable(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """With a wrong key, nothing that people wrote could be read."""
    try:
        local_key(settings.ATRIUM_KEY)
    except ValueError:
        return [Error("ATRIUM_KEY takes 32 bytes in URL-safe base64", id="atrium.E011")]
    return []


def values_usable(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Settings that are read as text and mean more."""
    found: list[CheckMessage] = []
    if urlsplit(settings.ATRIUM_URL).scheme not in {"http", "https"}:
        found.append(Error("ATRIUM_URL takes http://host or https://host", id="atrium.E012"))
    if urlsplit(settings.REDIS_URL).scheme not in {"redis", "rediss", "unix"}:
        found.append(Error("REDIS_URL takes redis://host:port/number", id="atrium.E013"))
    if settings.ATRIUM_ROLE not in ROLES:
        found.append(Error(f"ATRIUM_ROLE takes one of {', '.join(ROLES)}", id="atrium.E014"))
    return found
