import subprocess
from signal import SIGKILL, SIGTERM

import pytest

from workspace.local.watch import Watch, last_told


def test_the_last_line_counts_whole() -> None:
    assert last_told(["1:9 2:15\n", "2:15 3:2\n"]) == {2: 15, 3: 2}
    assert last_told(["1:9\n", "\n"]) == {}
    assert last_told([]) == {}


@pytest.mark.kills
def test_children_get_their_signal_when_the_supervisor_is_gone() -> None:
    killed = subprocess.Popen(["sleep", "600"], start_new_session=True)
    spared = subprocess.Popen(["sleep", "600"], start_new_session=True)
    watch = Watch()
    watch.tell({killed.pid: SIGTERM, spared.pid: SIGTERM})
    watch.tell({killed.pid: SIGKILL})
    assert watch.process.stdin is not None

    watch.process.stdin.close()  # as the kernel does for a dead process

    assert killed.wait(timeout=5) == -SIGKILL
    assert watch.process.wait(timeout=5) == 0
    assert spared.poll() is None
    spared.kill()
    spared.wait()


def test_a_watch_that_is_closed_in_peace_ends_nothing() -> None:
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    watch = Watch()
    watch.tell({child.pid: SIGKILL})

    watch.close()

    assert child.poll() is None
    child.kill()
    child.wait()
