"""What the product's processes cost: processor time, memory, connections."""

from collections.abc import Iterable
from pathlib import Path

import psutil

from tests.product.running import Product

MEGABYTE = 1 << 20


def families(product: Product) -> dict[str, list[psutil.Process]]:
    """Each part of the product with all processes below it, and the supervisor by itself."""
    found = {"supervisor": [psutil.Process(product.supervisor)]}
    for part in product.status()["processes"]:
        found[part["name"]] = _family(part["pid"])
    return found


def processor_seconds(product: Product) -> dict[str, float]:
    """User and system time so far by part, with that of ended children."""
    return {name: _seconds(family) for name, family in families(product).items()}


def proportional_memory(product: Product) -> dict[str, float]:
    """Megabytes of PSS by part: shared pages are divided among who shares them."""
    return {name: _megabytes(family) for name, family in families(product).items()}


def _pss(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(kilobytes) * 1024


def database_connections(product: Product, part: str) -> int:
    """Connections that a part holds to the database."""
    return connections_of(product, [part])[part]


def connections_of(product: Product, parts: Iterable[str]) -> dict[str, int]:
    """Connections that each of these parts holds to the database."""
    port = next(p["port"] for p in product.status()["processes"] if p["name"] == "postgres")
    family = families(product)
    return {part: sum(_held(process, port) for process in family[part]) for part in parts}


def _held(process: psutil.Process, port: int) -> int:
    found = process.net_connections("tcp")
    return sum(c.status == psutil.CONN_ESTABLISHED and c.raddr[1:] == (port,) for c in found)


def _family(pid: int) -> list[psutil.Process]:
    top = psutil.Process(pid)
    return [top, *top.children(recursive=True)]


def family_seconds(pid: int) -> float:
    """User and system time so far of a process and all below it, with that of ended children."""
    return _seconds(_family(pid))


def family_memory(pid: int) -> float:
    """Megabytes of PSS of a process and all below it."""
    return _megabytes(_family(pid))


def _seconds(family: Iterable[psutil.Process]) -> float:
    return float(sum(sum(process.cpu_times()[:4]) for process in family))


def _megabytes(family: Iterable[psutil.Process]) -> float:
    return sum(_pss(process.pid) for process in family) / MEGABYTE
