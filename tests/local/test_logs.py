from pathlib import Path

import pytest

from workspace.local import logs
from workspace.local.launches import open_log


def test_a_large_log_is_cut_under_the_process_that_writes_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LARGEST", 100)
    with open(open_log(folder / "web.log"), "ab", buffering=0) as writer:
        writer.write(b"old\n" * 50)
        (folder / "turns.log").write_bytes(b"short\n")

        logs.trim(folder)
        writer.write(b"new\n")

    assert (folder / "web.log").read_bytes() == b"new\n"
    assert (folder / "web.log.1").read_bytes() == b"old\n" * 50
    assert (folder / "turns.log").read_bytes() == b"short\n"
    assert (folder / "web.log.1").stat().st_mode & 0o777 == 0o600
