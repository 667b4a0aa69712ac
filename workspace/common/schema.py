"""The marks that `migrate` leaves on the schema, so that a start can tell without Django that there is nothing to do.

They are comments of tables: dumped, restored and dropped together with them. One stands on the table in which Django
lists what was applied; the other, on the table of the workspaces' keys, says which ATRIUM_KEY wraps them.
"""

import hashlib
import hmac
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FIND: Final = "select obj_description(to_regclass('public.django_migrations'), 'pg_class')"
CLEAR: Final = (
    "do $$ begin comment on table public.django_migrations is null; exception when undefined_table then end $$"
)
KEY_FIND: Final = "select obj_description(to_regclass('public.common_workspacekey'), 'pg_class')"
OTHER_KEY: Final = (
    "what is stored here was sealed under another ATRIUM_KEY, and nothing of it can be read with this one. "
    "Put the key of this database back, or choose an empty database"
)

_CHECKOUT = Path(__file__).resolve().parents[2]
_ROOMS = ("compliance", "inference", "workspace")


def mark() -> str:
    """A digest of all that decides what a migration would do: this code and the names of the installed packages.

    Wider than the migrations, on purpose: what runs after them reads models and settings. A needless migration costs a
    second, a missing one an evening.
    """
    digest = hashlib.sha256()
    for part in (*_packages(), *_code()):
        digest.update(part + b"\0")
    return f"migrated {digest.hexdigest()}"


def set_mark() -> str:
    """The statement that leaves the mark."""
    return f"comment on table public.django_migrations is '{mark()}'"


def key_mark(atrium_key: str) -> str:
    """What tells one ATRIUM_KEY from another and says nothing else about it: the key is 32 random bytes."""
    digest = hmac.new(atrium_key.rstrip("=").encode(), b"atrium key mark", hashlib.sha256).hexdigest()
    return f"keys wrapped by {digest[:16]}"


def set_key_mark(atrium_key: str) -> str:
    """The statement that leaves the key's mark."""
    return f"comment on table public.common_workspacekey is '{key_mark(atrium_key)}'"


def _packages() -> list[bytes]:
    """Name and version of each: what pip calls its folders."""
    return sorted(path.name.encode() for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))


def _code() -> Iterator[bytes]:
    for room in _ROOMS:
        for path in sorted((_CHECKOUT / room).rglob("*.py")):
            yield str(path.relative_to(_CHECKOUT)).encode()
            yield path.read_bytes()
