import socket

import pytest

from workspace.local.errors import PortsTaken
from workspace.local.ports import free_port, http_status, is_taken, listen


def test_a_taken_port_is_passed_over() -> None:
    with listen("127.0.0.1", free_port()) as first:
        wanted = first.getsockname()[1]

        with listen("127.0.0.1", wanted) as second:
            assert second.getsockname()[1] > wanted
            assert is_taken("127.0.0.1", wanted)


def test_an_address_of_another_machine_is_refused_with_the_remedy() -> None:
    with pytest.raises(PortsTaken, match="ATRIUM_HOST"):
        listen("192.0.2.1", 8_000)


def test_requests_wait_in_the_socket_before_anybody_accepts() -> None:
    with listen("127.0.0.1", 0) as listener:
        waiting = [socket.create_connection(listener.getsockname(), timeout=1) for _ in range(50)]

        assert len(waiting) == 50
        for connection in waiting:
            connection.close()


def test_silence_is_status_zero() -> None:
    assert http_status(("127.0.0.1", free_port()), "/", "localhost") == 0
