"""From the values as written, and `-c rootwarden.KEY=VALUE`, to a configuration or to all its mistakes."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from stacks.configuration.configuration import Configuration
from stacks.configuration.source import BLOCK, FILE
from stacks.configuration.values import REFUSED, Takes

_MISSING = object()
_OBJECT = "an object"
# What became of keys that an earlier version took.
_MOVED = {
    "remove_recently_used_keys": "nothing: it is hardening.keep_used_within_days now, 0 for what was true"
}


@dataclass(frozen=True)
class Mistake:
    """One value that cannot be used: its key, what was found there and what it takes."""

    key: str
    found: str
    takes: str

    def __str__(self) -> str:
        """Return the one line a person reads."""
        return f"{self.key}: found {self.found}; takes {self.takes}"


class ConfigurationError(Exception):
    """When the configuration cannot be deployed; lists every mistake, one a line."""

    def __init__(self, mistakes: Collection[Mistake], *, file: str) -> None:
        self.mistakes = tuple(mistakes)
        lines = "\n".join(f"  {mistake}" for mistake in self.mistakes)
        super().__init__(f"The configuration in {file} cannot be used:\n{lines}")


def read_configuration(context: Mapping[str, object], *, file: str = FILE) -> Configuration:
    """Return the configuration in a CDK context; raise ConfigurationError naming every mistake.

    file: where the block stands that the context holds.
    """
    block, overridden = context.get(BLOCK, {}), _overridden(context)
    where = f"{file} and -c" if overridden and file != "-c" else file
    if not isinstance(block, dict):
        raise ConfigurationError([Mistake("the document", _shown(block), _OBJECT)], file=where)
    for path in overridden:
        block = _with(block, path, _decoded(path, context[".".join([BLOCK, *path])]))
    try:
        return Configuration.model_validate(block, context=block)
    except ValidationError as error:
        mistakes = [_mistake(dict(each), block) for each in error.errors()]
        raise ConfigurationError(mistakes, file=where) from None


def _overridden(context: Mapping[str, object]) -> list[list[str]]:
    return [key.split(".")[1:] for key in sorted(context) if key.startswith(f"{BLOCK}.")]


def _with(block: Mapping[str, object], path: Sequence[str], value: object) -> dict[str, object]:
    first, *rest = path
    if not rest:
        return {**block, first: value}
    inner = block.get(first, {})
    return {**block, first: _with(inner if isinstance(inner, dict) else {}, rest, value)}


def _decoded(path: Sequence[str], value: object) -> object:
    """Return an override's value: a text as it is, for as JSON an account id would lose leading zeros."""
    field = _field(path)
    kinds = list(_types(field.annotation)) if field else []
    is_text = not {tuple, dict} & set(kinds) and any(issubclass(each, str) for each in kinds)
    # What has no field is a tag's value, or a mistake.
    if not isinstance(value, str) or field is None or (is_text and value != "null"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _mistake(error: Mapping[str, Any], block: Mapping[str, object]) -> Mistake:
    path, given = error["loc"], error.get("ctx", {})
    if error["type"] == REFUSED:
        if given["key"] is not None:
            path = (*path[:-1], *given["key"].split(".")) if given["key"] else path[:-1]
        takes = given["takes"]
    elif error["type"] == "extra_forbidden":
        known = f"nothing: the keys are {', '.join(sorted(_model(path[:-1]).model_fields))}"
        takes = _MOVED.get(_key(path), known)
    elif error["type"] == "missing":
        takes = _words(path, block)
    else:
        takes = _OBJECT
    return Mistake(_key(path), _shown(given.get("found", _value(block, path))), takes)


def _key(path: Sequence[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _value(block: object, path: Sequence[str | int]) -> object:
    for part in path:
        try:
            block = block[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return block


def _words(path: Sequence[str | int], block: Mapping[str, object]) -> str:
    field = _field(path)
    return next(each.in_words(block) for each in field.metadata if isinstance(each, Takes)) if field else ""


def _field(path: Sequence[str | int]) -> FieldInfo | None:
    *parents, name = path
    try:
        return _model(parents).model_fields.get(str(name))
    except (LookupError, StopIteration):
        return None


def _model(path: Sequence[str | int]) -> type[BaseModel]:
    """Return the class of the object at a path; raises LookupError or StopIteration where there is none."""
    model: type[BaseModel] = Configuration
    for part in path:
        if isinstance(part, str):
            model = next(_objects(model.model_fields[part].annotation))
    return model


def _objects(annotation: Any) -> Iterator[type[BaseModel]]:
    return (each for each in _types(annotation) if issubclass(each, BaseModel))


def _types(annotation: Any) -> Iterator[type]:
    """Yield the classes an annotation is made of, such as str of `Account | None`."""
    if get_origin(annotation) is Annotated:
        yield from _types(get_args(annotation)[0])
        return
    for each in (get_origin(annotation) or annotation, *get_args(annotation)):
        if each is not annotation:
            yield from _types(each)
        elif isinstance(each, type):
            yield each


def _shown(value: object) -> str:
    return "nothing" if value is _MISSING else json.dumps(value, ensure_ascii=False, default=str)
