import json
import logging

import pytest

from workspace.common.logs import Lines, RequestNamed, request_id


def line(error: BaseException | None = None, **fields: object) -> dict[str, object]:
    record = logging.getLogger("tests").makeRecord("tests", logging.ERROR, __file__, 1, "something failed", (), None)
    if error:
        record.exc_info = (type(error), error, error.__traceback__)
    record.__dict__.update(fields)
    RequestNamed().filter(record)
    found: dict[str, object] = json.loads(Lines().format(record))
    return found


def test_a_line_is_a_constant_message_and_its_fields() -> None:
    found = line(turn="t1")

    assert {name: found[name] for name in ("level", "logger", "message", "turn")} == {
        "level": "ERROR",
        "logger": "tests",
        "message": "something failed",
        "turn": "t1",
    }
    assert str(found["time"]).endswith("+00:00")


def test_a_line_names_its_request() -> None:
    token = request_id.set("abc")
    try:
        assert line()["request_id"] == "abc"
    finally:
        request_id.reset(token)


def test_what_an_exception_says_is_left_out() -> None:
    def fail() -> None:
        raise ValueError("the words of a conversation")

    with pytest.raises(ValueError, match="words") as raised:
        fail()

    found = line(raised.value)

    assert "conversation" not in str(found)
    assert "ValueError" in str(found["exc_info"])
    assert "fail" in str(found["exc_info"])
