"""The settings as mypy's Django plug-in reads them: any values will do, nothing connects."""

import os

for name, value in {
    "SECRET_KEY": "types",
    "ATRIUM_KEY": "types",
    "DATABASE_URL": "postgresql://127.0.0.1/types",
}.items():
    os.environ.setdefault(name, value)

from workspace.config.settings import *  # noqa: E402, F403
