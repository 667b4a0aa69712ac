"""Characters that no page can hold, and those that turn the writing around."""

from hypothesis import given
from hypothesis import strategies as st

from workspace.common.prose import characters


@given(st.text(st.characters()))
def test_what_was_cleaned_can_be_written_and_keeps_its_length_but_for_line_ends(text: str) -> None:
    cleaned = characters.cleaned(text)

    cleaned.encode()
    assert "\r" not in cleaned
    assert "\x00" not in cleaned
    assert len(cleaned) == len(text) - text.count("\r\n")


def test_half_a_character_and_a_control_become_the_sign_for_what_is_missing() -> None:
    assert characters.cleaned("a\ud800b\x00c\x1bd\x85e") == "a\ufffdb\ufffdc\ufffdd\ufffde"


def test_code_names_what_would_turn_it_and_prose_does_without() -> None:
    turning = "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))

    assert characters.unturned(f"a{turning}b\u200f") == "ab\u200f"
    assert characters.told("a\u202eb\u2066") == "a[U+202E]b[U+2066]"
