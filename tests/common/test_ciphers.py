import secrets
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.common.ciphers import OpenedKey, Place, SealBroken
from workspace.common.contracts import KeyOwner

names = st.text(st.characters(exclude_characters="\x1f", codec="utf-8"), max_size=20)
places = st.builds(Place, names, names, names)


def key(secret: bytes | None = None, workspace: uuid.UUID | None = None) -> OpenedKey:
    return OpenedKey(workspace or uuid.uuid4(), KeyOwner.USER, uuid.uuid4(), secret or secrets.token_bytes(32))


@given(plain=st.binary(max_size=200), place=places)
def test_what_was_sealed_opens_in_its_place(plain: bytes, place: Place) -> None:
    used = key()

    assert used.open(used.seal(plain, place), place) == plain


@given(plain=st.binary(max_size=50), here=places, there=places)
def test_sealed_bytes_open_nowhere_else(plain: bytes, here: Place, there: Place) -> None:
    used = key()
    sealed = used.seal(plain, here)

    if here != there:
        with pytest.raises(SealBroken):
            used.open(sealed, there)


@given(plain=st.binary(max_size=50), bit=st.integers(min_value=0))
def test_a_changed_bit_is_noticed(plain: bytes, bit: int) -> None:
    used, place = key(), Place("table", "row", "column")
    sealed = bytearray(used.seal(plain, place))
    bit %= len(sealed) * 8
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SealBroken):
        used.open(bytes(sealed), place)


@given(cut=st.integers(min_value=0, max_value=40))
def test_bytes_that_are_cut_short_do_not_open(cut: int) -> None:
    used, place = key(), Place("table", "row", "column")
    sealed = used.seal(b"twelve bytes", place)

    with pytest.raises(SealBroken):
        used.open(sealed[: min(cut, len(sealed) - 1)], place)


def test_another_key_or_workspace_does_not_open_it() -> None:
    place, secret = Place("table", "row", "column"), secrets.token_bytes(32)
    sealed = key(secret).seal(b"words", place)

    for other in (key(secret), key()):
        with pytest.raises(SealBroken):
            other.open(sealed, place)


def test_the_same_words_are_sealed_differently_each_time() -> None:
    used, place = key(), Place("table", "row", "column")

    assert used.seal(b"words", place) != used.seal(b"words", place)


def test_a_key_does_not_show_its_secret() -> None:
    used = key(b"s" * 32)

    assert "ssss" not in repr(used)
