"""Untrusted JSON: whatever comes in, either a value comes out or a clear error."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.common import bodies
from workspace.common.bodies import MAX_DEPTH, MAX_FAULTS, MAX_NAMES, Body, Query
from workspace.common.errors import Invalid, InvalidJson

text = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=10)
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4))


@given(value=values)
def test_what_json_can_say_comes_out_as_it_was(value: Any) -> None:
    assert bodies.parse(json.dumps(value).encode()) == value


@given(raw=st.binary(max_size=60))
def test_bytes_are_a_value_or_a_clear_error(raw: bytes) -> None:
    with suppress(InvalidJson, Invalid):
        bodies.parse(raw)


@pytest.mark.parametrize("depth, fits", [(MAX_DEPTH, True), (MAX_DEPTH + 1, False), (100_000, False)])
def test_nesting_has_an_end(depth: int, fits: bool) -> None:
    raw = b"[" * depth + b"]" * depth

    if fits:
        bodies.parse(raw)
    else:
        with pytest.raises(InvalidJson):
            bodies.parse(raw)


def test_an_object_has_so_many_names_and_so_many_faults_are_told() -> None:
    names = {f"n{i}": "\x01" for i in range(MAX_NAMES)}

    with pytest.raises(InvalidJson):
        bodies.parse(json.dumps(names | {"one": 1}).encode())
    with pytest.raises(Invalid) as told:
        bodies.parse(json.dumps(names).encode())
    assert len(told.value.errors) == MAX_FAULTS
    with pytest.raises(Invalid) as unknown:
        bodies.checked(Body, names)
    assert len(unknown.value.errors) == MAX_FAULTS


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbf{}", b"{'a': 1}", b"-Infinity", b"1e400", b"0" * 5000, b"9" * 5000])
def test_what_only_some_parsers_take_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidJson):
        bodies.parse(raw)


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x1b", "\x7f"])
def test_control_characters_are_told_with_their_place(character: str) -> None:
    raw = json.dumps({"a": ["ok", {"b": f"x{character}"}]}).encode()

    with pytest.raises(Invalid) as told:
        bodies.parse(raw)

    assert [(fault.field, fault.code) for fault in told.value.errors] == [("a.1.b", "control_character")]


class Wanted(Query):
    limit: int = 30
    archived: bool = False


def test_a_query_string_becomes_numbers_and_flags() -> None:
    assert bodies.queried(Wanted, {"limit": ["5"], "archived": ["true"]}) == Wanted(limit=5, archived=True)


class Nested(Body):
    names: list[str]


def test_a_fault_inside_a_list_is_told_with_its_place() -> None:
    with pytest.raises(Invalid) as told:
        bodies.checked(Nested, {"names": ["a", 1]})

    assert told.value.errors[0].field == "names.1"
