"""Untrusted JSON and query strings, until they are typed: parsed strictly, then checked against a model."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from math import isfinite
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from workspace.common.errors import FieldError, Invalid, InvalidJson, TooLarge

MAX_DEPTH: Final = 32
# A hundred thousand unknown names would each be told, in ten megabytes.
MAX_NAMES: Final = 1_000
MAX_FAULTS: Final = 100
MAX_TEXT: Final = 200_000

# PostgreSQL cannot store NUL; the others have no meaning in what people write. Tab and line ends stay.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")

# Pydantic's words for what a caller meets often, in ours. Its others are stable snake_case and stay as they are.
_CODES: Final = {
    "extra_forbidden": ("unknown_field", "There is no such field."),
    "missing": ("required", "This field is required."),
}


class Body(BaseModel):
    """The base of every request body: no silent conversion, and an unknown field is refused, so that a typo is told."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Query(BaseModel):
    """The base of every query string: text becomes numbers and flags, and an unknown parameter is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


B = TypeVar("B", bound=BaseModel)


def _not_too_large(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise TooLarge(f"A text has at most {MAX_TEXT:,} characters.")
    return text


# What a person writes: at most 200,000 code points, else 413.
Text = Annotated[str, AfterValidator(_not_too_large)]


def parse(raw: bytes) -> Any:
    """JSON in UTF-8, as RFC 8259 has it: no NaN or infinity, no name twice in an object, at most 1,000 names in one and
    32 levels.

    Raises:
        InvalidJson: it is something else.
        Invalid: a text holds control characters or half a surrogate pair; `errors` names the fields, 100 at most.
    """
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise InvalidJson from None
    if found := tuple(islice(_faults(value, "", 0), MAX_FAULTS)):
        raise Invalid(errors=found)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_NAMES:
        raise InvalidJson(f"An object has at most {MAX_NAMES:,} names.")
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError
    return made


def _refused(constant: str) -> None:
    raise ValueError


def _faults(value: Any, path: str, depth: int) -> Iterator[FieldError]:
    if depth >= MAX_DEPTH and isinstance(value, dict | list):
        raise InvalidJson(f"Objects and lists may be {MAX_DEPTH} levels deep.")
    if isinstance(value, str):
        yield from _faults_of_text(value, path)
    elif isinstance(value, float) and not isfinite(value):
        raise InvalidJson
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _faults_of_text(name, path)
            yield from _faults(item, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _faults(item, f"{path}.{index}" if path else str(index), depth + 1)


def _faults_of_text(text: str, path: str) -> Iterator[FieldError]:
    if _CONTROL.search(text):
        yield FieldError(path, "control_character", "Control characters other than tab and line ends are not allowed.")
    if _SURROGATE.search(text):
        yield FieldError(path, "not_unicode", "The text holds half of a surrogate pair.")


def checked(model: type[B], data: Any) -> B:
    """The data as a model.

    Raises:
        Invalid: it does not fit; `errors` names the fields, 100 at most.
        TooLarge: a text is too long.
    """
    if not isinstance(data, Mapping):
        raise Invalid("The body must be a JSON object.")
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)[:MAX_FAULTS]
        raise Invalid(errors=tuple(map(_told, faults))) from None


def _told(fault: Any) -> FieldError:
    code, detail = _CODES.get(fault["type"], (fault["type"], f"{fault['msg']}."))
    return FieldError(".".join(map(str, fault["loc"])), code, detail)


def queried(model: type[B], parameters: Mapping[str, list[str]]) -> B:
    """A query string as a model.

    Raises:
        Invalid: it does not fit, a parameter stands there twice, or one holds control characters.
    """
    if twice := tuple(
        FieldError(name, "repeated", "Once, please.") for name, got in parameters.items() if len(got) > 1
    ):
        raise Invalid(errors=twice)
    data = {name: got[0] for name, got in parameters.items()}
    if found := tuple(_faults(data, "", 0)):
        raise Invalid(errors=found)
    return checked(model, data)
