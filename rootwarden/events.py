"""JSON that arrives, AWS's and our own: read typed, naming the field that is not what it must be."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, NewType, Self, TypeVar

from msgspec import Meta, Struct, ValidationError, convert, to_builtins

AccountId = NewType("AccountId", str)
# An account id in a document of our own.
TwelveDigits = Annotated[AccountId, Meta(pattern="^[0-9]{12}$", max_length=12)]
E = TypeVar("E", bound=StrEnum)
# Of a value that is not understood, in characters.
_LONGEST_SHOWN = 80


class MalformedEvent(Exception):
    """When an event lacks a field a decision needs, or holds something else there."""

    def __init__(self, field: str, takes: str, found: object) -> None:
        super().__init__(f"{field or 'the event'} takes {takes}, found {_shown(found)}")
        self.field = field


def _shown(found: object) -> str:
    if isinstance(found, dict | list):
        return f"{'an object' if isinstance(found, dict) else 'a list'} of {len(found)}"
    text = "nothing" if found is None else repr(found)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def whole(value: object) -> object:
    """Return a JSON value with each lone surrogate replaced by a question mark: AWS takes none."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _encodable(text: str) -> str:
    """Return the text with each lone surrogate replaced by a question mark: no service takes one."""
    return text.encode("utf-8", "replace").decode("utf-8")


def parse_account_id(value: str, field: str = "account id") -> AccountId:
    """Return a 12-digit account id; raises MalformedEvent naming the field."""
    if not re.fullmatch(r"[0-9]{12}", value):
        raise MalformedEvent(field, "an account id of 12 digits", value)
    return AccountId(value)


@dataclass(frozen=True)
class Fields:
    """A JSON object that knows where it stands in its event. The methods raise MalformedEvent."""

    value: object
    path: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.value, Mapping):
            raise MalformedEvent(self.path, "an object", self.value)

    def _find(self, names: tuple[str, ...]) -> object:
        found: object = self.value
        for name in names:
            found = _member(found, name)
        return found

    def _at(self, names: tuple[str, ...]) -> str:
        return ".".join([self.path, *names] if self.path else names)

    def __contains__(self, name: str) -> bool:
        return isinstance(self.value, Mapping) and name in self.value

    def has(self, *names: str) -> bool:
        """Say whether there is anything but null at a path."""
        return self._find(names) is not None

    def text(self, *names: str) -> str:
        """Return the non-empty text at a path."""
        found = self._find(names)
        if not isinstance(found, str) or not found:
            raise MalformedEvent(self._at(names), "a text", found)
        return _encodable(found)

    def optional_text(self, *names: str) -> str | None:
        """Return the text at a path, or None where there is nothing, an empty text, or no text."""
        found = self._find(names)
        return _encodable(found) if isinstance(found, str) and found else None

    def number(self, *names: str) -> int:
        """Return the whole number at a path."""
        found = self._find(names)
        if not isinstance(found, int) or isinstance(found, bool):
            raise MalformedEvent(self._at(names), "a whole number", found)
        return found

    def boolean(self, *names: str) -> bool:
        """Return the true or false at a path."""
        found = self._find(names)
        if not isinstance(found, bool):
            raise MalformedEvent(self._at(names), "true or false", found)
        return found

    def is_true(self, *names: str) -> bool:
        """Say whether there is true at a path, as a value or as a text: CloudTrail writes both."""
        found = self._find(names)
        return found is True or (isinstance(found, str) and found.lower() == "true")

    def choice(self, kind: type[E], *names: str) -> E:
        """Return the member of an enumeration at a path."""
        text = self.text(*names)
        try:
            return kind(text)
        except ValueError as error:
            raise MalformedEvent(self._at(names), f"one of {', '.join(kind)}", text) from error

    def time(self, *names: str) -> datetime:
        """Return the ISO 8601 time at a path, in UTC."""
        text = self.text(*names)
        try:
            time = datetime.fromisoformat(text)
            return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise MalformedEvent(self._at(names), "an ISO 8601 time", text) from error

    def object(self, *names: str) -> Self:
        """Return the object at a path."""
        return type(self)(self._find(names), self._at(names))

    def optional_object(self, *names: str) -> Self | None:
        """Return the object at a path, or None where there is none."""
        found = self._find(names)
        return type(self)(found, self._at(names)) if isinstance(found, Mapping) else None

    def optional_texts(self, *names: str) -> tuple[str, ...] | None:
        """Return the list of texts at a path, or None where there is something else."""
        found = self._find(names)
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            return None
        return tuple(_encodable(item) for item in found)

    def items(self, *names: str) -> tuple[Any, ...]:
        """Return the list at a path, whatever it holds."""
        found = self._find(names)
        if not isinstance(found, list):
            raise MalformedEvent(self._at(names), "a list", found)
        return tuple(found)

    def objects(self, *names: str) -> tuple[Self, ...]:
        """Return the list of objects at a path."""
        at = self._at(names)
        return tuple(type(self)(item, f"{at}[{index}]") for index, item in enumerate(self.items(*names)))


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One event as EventBridge put it in a queue. account and region are where it arose."""

    event_id: str
    source: str
    detail_type: str
    account_id: AccountId
    region: str
    time: datetime
    detail: Fields

    @classmethod
    def from_json(cls, body: str) -> Self:
        """Read a queue message's body; raises MalformedEvent naming the field that cannot be read."""
        try:
            fields = Fields(json.loads(body))
        except (ValueError, RecursionError) as error:
            raise MalformedEvent("the message body", "an EventBridge event as JSON", body) from error
        return cls(
            event_id=fields.text("id"),
            source=fields.text("source"),
            detail_type=fields.text("detail-type"),
            account_id=parse_account_id(fields.text("account"), "account"),
            region=fields.text("region"),
            time=fields.time("time"),
            detail=fields.object("detail"),
        )


class Record(Struct, frozen=True, rename="camel"):
    """A document of our own, or a part of one.

    Read strictly, but for fields it does not know: a newer version wrote them.
    """

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        detail: dict[str, object] = to_builtins(self, order="deterministic")
        return detail

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        try:
            return convert(whole(fields.value), cls)
        except ValidationError as error:
            raise _malformed(fields, str(error)) from error
        except RecursionError as error:
            raise MalformedEvent(fields.path, "less nested values", fields.value) from error

    @classmethod
    def check_complete(cls, fields: Fields) -> None:
        """Raise MalformedEvent where a JSON form lacks a field, also one with a default."""
        for name in cls.__struct_encode_fields__:
            if name not in fields:
                raise MalformedEvent(f"{fields.path}.{name}".lstrip("."), "a value", None)


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _malformed(fields: Fields, error: str) -> MalformedEvent:
    """Say what msgspec says, as "Expected `int`, got `str` - at `$.account.id`", the way Fields says it."""
    what, _, where = error.partition(" - at `$")
    at, takes = re.findall(r"\w+", where), "a valid value"
    if missing := re.fullmatch(r"Object missing required field `(\w+)`", what):
        where, takes = f"{where[:-1]}.{missing[1]}`", "a value"
        at.append(missing[1])
    elif what.startswith("Expected"):
        takes = what.removeprefix("Expected ").partition(", got")[0].replace("`", "")
    found = fields.value
    for name in at:
        found = found[int(name)] if isinstance(found, list) else _member(found, name)
    return MalformedEvent(f"{fields.path}{where[:-1]}".lstrip("."), takes, found)
