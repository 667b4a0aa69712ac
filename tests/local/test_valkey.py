from pathlib import Path

import pytest
import redis

from workspace.local.valkey import Valkey

pytestmark = pytest.mark.slow


def test_answers_with_its_password_only(folder: Path) -> None:
    server = Valkey(folder)
    server.start()
    try:
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
        with redis.Redis(port=server.port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
    finally:
        server.stop()


def test_keeps_its_data_and_its_port_over_a_kill(folder: Path) -> None:
    server = Valkey(folder)
    server.start()
    try:
        with redis.Redis.from_url(server.url) as client:
            client.set("word", "kept")
            client.waitaof(1, 0, 2_000)
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        server.start()
        with redis.Redis.from_url(server.url) as client:
            assert client.get("word") == b"kept"
    finally:
        server.stop()


def test_neither_the_list_of_processes_nor_another_user_sees_the_password(folder: Path) -> None:
    server = Valkey(folder, password="horse-battery")

    launch = server.launch()

    assert "horse-battery" not in " ".join([*launch.arguments, *launch.environment.values()])
    assert (folder / "valkey.conf").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_two_servers_run_side_by_side(folder: Path) -> None:
    one, two = Valkey(folder / "one"), Valkey(folder / "two")
    one.start()
    two.start()
    try:
        assert one.is_ready()
        assert two.is_ready()
        assert one.port != two.port
    finally:
        one.stop()
        two.stop()
