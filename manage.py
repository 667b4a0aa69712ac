#!/usr/bin/env python
"""The product's command line."""

import sys

SUPERVISOR = {"up", "down", "status", "reload", "doctor"}


def main() -> None:
    """The supervisor's commands and the engine need no Django, and nothing of it is loaded for them."""
    if len(sys.argv) > 1 and sys.argv[1] in SUPERVISOR:
        from workspace.local.main import main as supervise

        sys.exit(supervise(sys.argv[1:]))
    if sys.argv[1:] == ["run", "engine"]:
        from inference.local_engine import main as serve_model

        serve_model()
        return
    from workspace.config.commands import execute
    from workspace.local.attachments import attach
    from workspace.local.errors import LocalError

    try:
        attach(sys.argv[1] if len(sys.argv) > 1 else "help")
    except LocalError as error:
        sys.exit(str(error))
    execute(sys.argv)


if __name__ == "__main__":
    main()
