import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.token_lists import GgufVocabulary
from inference.vocabulary import HARMONY_SPECIALS, HarmonyVocabulary, Vocabulary, o200k_harmony
from tests.inference.conftest import nano_vocabulary

PIECES = st.sampled_from(
    [*HARMONY_SPECIALS, "<|", "|>", "start", "<|sta", "rt|>", " ", "光", "🏛️", "<|reserved_200013|>"]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join))


def check_plain(vocabulary: Vocabulary, text: str) -> None:
    ids = vocabulary.encode(text)

    assert vocabulary.decode(ids).decode() == text
    assert not any(map(vocabulary.is_special, ids))


@given(TEXTS)
def test_text_is_read_back_and_never_becomes_a_control_token(text: str) -> None:
    check_plain(o200k_harmony(), text)


@given(TEXTS)
def test_the_same_holds_for_a_token_list_of_a_model_file(text: str) -> None:
    check_plain(nano_vocabulary(), text)


def test_control_tokens_have_the_ids_that_harmony_gives_them(vocabulary: HarmonyVocabulary) -> None:
    ids = [vocabulary.special(name) for name in HARMONY_SPECIALS]

    assert ids == [200006, 200007, 200008, 200005, 200003, 200002, 200012]
    assert all(map(vocabulary.is_special, ids))


@pytest.mark.parametrize("token", [-1, 201_088, 201_089, 1 << 40])
def test_an_id_that_the_model_does_not_have_is_no_text(vocabulary: HarmonyVocabulary, token: int) -> None:
    assert vocabulary.is_special(token)


def test_a_lone_surrogate_becomes_the_replacement_character(vocabulary: Vocabulary, nano: GgufVocabulary) -> None:
    assert vocabulary.decode(vocabulary.encode("a\ud800b")).decode() == "a\ufffdb"
    assert nano.decode(nano.encode("a\ud800b")).decode() == "a\ufffdb"


def test_an_unknown_control_token_is_a_key_error(vocabulary: Vocabulary) -> None:
    with pytest.raises(KeyError):
        vocabulary.special("<|nothing|>")


def test_equal_lists_have_one_fingerprint_and_others_another(vocabulary: Vocabulary, nano: GgufVocabulary) -> None:
    assert HarmonyVocabulary().fingerprint == vocabulary.fingerprint
    assert nano.fingerprint != vocabulary.fingerprint
