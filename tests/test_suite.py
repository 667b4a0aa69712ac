import fcntl
import os
import subprocess
import sys
from pathlib import Path


def started(temporary: Path, **environment: str) -> "subprocess.Popen[str]":
    """`make test` with a machine-wide folder of its own; it only says its version."""
    command = [sys.executable, "-m", "tests", "--version"]
    given = {"PATH": "/usr/bin:/bin", "TMPDIR": str(temporary), **environment}
    root = Path(__file__).parent.parent
    return subprocess.Popen(command, cwd=root, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_second_suite_on_the_machine_waits_and_says_so(tmp_path: Path) -> None:
    lock = tmp_path / "atrium-make-test.lock"
    lock.touch()
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = started(tmp_path)
        assert second.stderr is not None
        assert second.stderr.readline() == f"another suite runs on this machine; waiting for {lock}\n"
        assert second.poll() is None

    assert second.wait(timeout=30) == 0
    second.communicate()


def test_the_lock_of_another_user_is_shared(tmp_path: Path) -> None:
    """Their file cannot be written here, and is never replaced."""
    lock = tmp_path / "atrium-make-test.lock"
    lock.touch(mode=0o444)
    made = lock.stat().st_ino

    suite = started(tmp_path)
    suite.communicate(timeout=30)

    assert suite.returncode == 0
    assert lock.stat().st_ino == made
    assert os.access(lock, os.R_OK)
