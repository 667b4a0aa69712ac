"""What a page says below an answer that did not end by itself."""

import pytest

from inference import errors as inference_errors
from workspace.chat.endings import ending_of
from workspace.chat.models import Message
from workspace.common.errors import AtriumError
from workspace.runs import errors as run_errors

Status = Message.Status
CODES = sorted(
    {
        kind.code
        for module in (inference_errors, run_errors)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, AtriumError) and kind is not AtriumError
    }
)


@pytest.mark.parametrize("code", [*CODES, "", "something_new"])
def test_every_failure_says_what_happened_and_the_next_step(code: str) -> None:
    ending = ending_of(Status.FAILED, code, is_cut=False)

    assert ending is not None
    assert ending.is_failure
    assert str(ending.what).endswith(".")
    assert str(ending.next).endswith(".")


def test_a_whole_answer_and_one_that_is_being_written_need_no_words() -> None:
    assert ending_of(Status.DONE, "", is_cut=False) is None
    assert ending_of(Status.RUNNING, "", is_cut=False) is None


def test_stopping_and_the_greatest_length_are_no_failures() -> None:
    for ending in (ending_of(Status.STOPPED, "", is_cut=False), ending_of(Status.DONE, "", is_cut=True)):
        assert ending is not None
        assert not ending.is_failure
