import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from workspace.local.credentials import kept_secret


def test_is_made_once_and_has_32_bytes(folder: Path) -> None:
    first = kept_secret(folder / "key")

    assert kept_secret(folder / "key") == first
    assert len(base64.urlsafe_b64decode(first)) == 32
    assert (folder / "key").stat().st_mode & 0o777 == 0o600


def test_starts_at_once_agree_on_one_value(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(kept_secret, [folder / "key"] * 32))) == 1
    assert [path.name for path in folder.iterdir()] == ["key"]
