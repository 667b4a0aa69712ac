"""A real `turns` process that knows the tests' kind of run: `python -m tests.runs.process`."""

import django

if __name__ == "__main__":
    django.setup()
    from tests.runs.diary import fresh
    from workspace.runs import runner

    fresh()
    runner.main()
