"""Ports on the loopback address."""

import socket


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nothing listens on now. Another process may take it before it is used: the caller retries."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
