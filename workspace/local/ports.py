"""Ports, and the socket that every web process shares."""

import errno
import http.client
import socket

from workspace.local.errors import PortsTaken

_TRIES = 100
_BACKLOG = 2_048  # requests that wait while web processes are replaced


def free_port() -> int:
    """A TCP port on loopback that nothing listens on now. Another process may take it before it is used."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listen(host: str, port: int) -> socket.socket:
    """A listening socket at the first free port from `port` on; 0 takes any.

    Raises:
        PortsTaken: none of the next hundred is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + _TRIES, 65_536)):
        try:
            return socket.create_server((host, candidate), family=family, backlog=_BACKLOG)
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise PortsTaken(
                    f"Cannot listen on {host}: {error.strerror}. Set ATRIUM_HOST to an address here."
                ) from None
    raise PortsTaken(f"No free port from {port} on at {host}: set ATRIUM_PORT to another one.")


def is_taken(host: str, port: int) -> bool:
    """Whether a server could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError:
        return True
    return False


def http_status(address: tuple[str, int], path: str, host: str) -> int:
    """The status of a GET, `host` being the Host header; 0 when nothing answers within two seconds."""
    connection = http.client.HTTPConnection(*address, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
