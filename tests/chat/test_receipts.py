"""The receipt as a page shows it."""

from workspace.chat.examples import RECEIPT
from workspace.chat.receipts import with_durations


def test_a_receipt_says_how_long_the_first_words_and_the_whole_answer_took() -> None:
    times = {
        "queued_at": "2026-11-25T09:30:00Z",
        "started_at": "2026-11-25T09:30:00.100Z",
        "first_token_at": "2026-11-25T09:30:00.310Z",
        "ended_at": "2026-11-25T09:30:12Z",
    }

    shown = with_durations(RECEIPT | {"times": times})

    assert (shown["waited"], shown["took"]) == (0.31, 12.0)


def test_an_answer_without_words_has_no_time_of_its_first_ones() -> None:
    times = {"queued_at": "2026-11-25T09:30:00Z", "first_token_at": None, "ended_at": "2026-11-25T09:30:01Z"}

    shown = with_durations(RECEIPT | {"times": times})

    assert (shown["waited"], shown["took"]) == (None, 1.0)
