"""System checks: a wrong setting of this room is an error before the start."""

from typing import Any

from django.core.checks import CheckMessage, Error

from compliance.conf import ComplianceConf
from workspace.common.environment import EnvironmentValueError


def lives_usable(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """The message names the setting and what it takes."""
    try:
        ComplianceConf.from_environment()
    except EnvironmentValueError as error:
        return [Error(str(error), id="atrium.E020")]
    return []
