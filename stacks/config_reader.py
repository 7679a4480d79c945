"""Reads one JSON object of the configuration and remembers every mistake it meets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from stacks.config_formats import Format, Numbers

_MISSING = object()


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

    def __init__(self, mistakes: Collection[Mistake]) -> None:
        """Keep the mistakes for whoever reports them."""
        self.mistakes = tuple(mistakes)
        lines = "\n".join(f"  {mistake}" for mistake in self.mistakes)
        super().__init__(f"The rootwarden configuration (cdk.json, or -c) cannot be used:\n{lines}")


class ConfigReader:
    """Typed access to one object. A refused value is reported and an empty one returned."""

    def __init__(
        self, block: Mapping[str, object], *, path: str = "", mistakes: list[Mistake] | None = None
    ) -> None:
        """Read from `block`; `path` is put before every key in a report."""
        self._block = block
        self._path = path
        self._read: set[str] = set()
        self.mistakes: list[Mistake] = [] if mistakes is None else mistakes

    def text(self, key: str, wanted: Format) -> str:
        """Return the text at `key`, which must be there."""
        return self._checked_text(self._path + key, self._value(key), wanted)

    def optional_text(self, key: str, wanted: Format) -> str | None:
        """Return the text at `key`, or None where it is absent or null."""
        value = self._value(key)
        if value is _MISSING or value is None:
            return None
        return self._checked_text(self._path + key, value, wanted)

    def texts(
        self, key: str, wanted: Format, *, default: tuple[str, ...] = (), at_least: int = 0
    ) -> tuple[str, ...]:
        """Return the list of texts at `key`."""
        value = self._value(key)
        if value is _MISSING and len(default) >= at_least:
            return default
        takes = f"a list{' of at least one entry' * at_least}, each {wanted.takes}"
        if not isinstance(value, list) or len(value) < at_least:
            self.refuse(key, takes)
            return ()
        texts = tuple(
            self._checked_text(f"{self._path}{key}[{index}]", entry, wanted)
            for index, entry in enumerate(value)
        )
        if len(set(texts)) < len(texts) and "" not in texts:
            self.refuse(key, "each entry once")
        return texts

    def flag(self, key: str) -> bool:
        """Return the boolean at `key`, False where it is absent."""
        value = self._value(key)
        if value is _MISSING:
            return False
        if not isinstance(value, bool):
            self.refuse(key, "true or false")
        return value is True

    def number(self, key: str, wanted: Numbers, *, default: int) -> int:
        """Return the whole number at `key`."""
        value = self._value(key)
        if value is _MISSING:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value not in wanted.allowed:
            self.refuse(key, wanted.takes)
            return default
        return value

    def block(self, key: str) -> ConfigReader:
        """Return a reader of the object at `key`, of an empty one where it is absent."""
        value = self._value(key)
        return self._nested(key, {} if value is _MISSING else value)

    def blocks(self, key: str) -> tuple[ConfigReader, ...]:
        """Return a reader of each object in the list at `key`."""
        value = self._value(key)
        if value is _MISSING:
            return ()
        if not isinstance(value, list):
            self.refuse(key, "a list of objects")
            return ()
        return tuple(self._nested(f"{key}[{index}]", entry) for index, entry in enumerate(value))

    def has(self, key: str) -> bool:
        """Tell whether a value stands at `key`."""
        return self._value(key) not in (_MISSING, None)

    def refuse(self, key: str, takes: str, found: object = _MISSING) -> None:
        """Report `key`: `found` defaults to what the block holds there."""
        value = self._block.get(key, _MISSING) if found is _MISSING else found
        self._report(self._path + key, value, takes)

    def refuse_whole(self, takes: str) -> None:
        """Report the object itself, where no single key of it is to blame."""
        self._report(self._path.removesuffix("."), self._block, takes)

    def refuse_unknown(self) -> None:
        """Report every key nobody has asked for, which is most often a misspelling."""
        takes = f"nothing: the keys are {', '.join(sorted(self._read))}"
        for key in sorted(set(self._block) - self._read):
            self.refuse(key, takes)

    def _value(self, key: str) -> object:
        self._read.add(key)
        return self._block.get(key, _MISSING)

    def _nested(self, key: str, value: object) -> ConfigReader:
        if isinstance(value, dict):
            return ConfigReader(value, path=f"{self._path}{key}.", mistakes=self.mistakes)
        self._report(self._path + key, value, "an object")
        # What is missing in something that is no object would only repeat the same mistake.
        return ConfigReader({})

    def _checked_text(self, key: str, value: object, wanted: Format) -> str:
        if isinstance(value, str) and wanted.accepts(value) and not _is_placeholder(value):
            return value
        takes = wanted.takes
        if isinstance(value, str) and _is_placeholder(value):
            takes += " (this is the placeholder cdk.json ships with: fill it in)"
        self._report(key, value, takes)
        return ""

    def _report(self, key: str, value: object, takes: str) -> None:
        self.mistakes.append(Mistake(key, _shown(value), takes))


def _is_placeholder(value: str) -> bool:
    return value.startswith("<") and value.endswith(">")


def _shown(value: object) -> str:
    return "nothing" if value is _MISSING else json.dumps(value, ensure_ascii=False, default=str)
