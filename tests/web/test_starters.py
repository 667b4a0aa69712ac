"""A way to begin fills the composer and sends nothing."""

from workspace.web.starters import STARTERS, begun


def test_the_words_stand_above_the_draft() -> None:
    first = STARTERS[0]

    assert begun(first.name, "my text") == f"{first.text}\n\nmy text"
    assert begun(first.name, "") == f"{first.text}\n\n"


def test_a_name_that_is_none_leaves_the_draft_alone() -> None:
    assert begun("<script>", "my text") == "my text"


def test_each_starter_has_a_name_of_its_own() -> None:
    assert len({starter.name for starter in STARTERS}) == len(STARTERS)
