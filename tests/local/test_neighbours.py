import subprocess
import sys
from pathlib import Path

from tests.local.running import command
from workspace.local.homes import Home
from workspace.local.neighbours import running_homes

HOLDS = "import sys, time; lock = open(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def test_a_home_whose_lock_an_up_holds_is_found_and_named_where_nothing_runs(folder: Path) -> None:
    home = Home(folder / "there")
    home.make()
    lock = home.run / "lock"
    lock.touch()
    words = [sys.executable, "-c", HOLDS, str(lock), "manage.py", "up"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        found = running_homes()
        told = command(folder, "down").stdout
        process.kill()

    assert home.root in found
    assert "One runs elsewhere: give ATRIUM_HOME=" in told
    assert home.root not in running_homes()
