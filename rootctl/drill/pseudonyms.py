"""Pseudonyms for what names an organization: the same thing gets the same one throughout a record."""

import re
from collections.abc import Mapping
from typing import Any

# In this order: an ARN holds an account id, an address may hold one.
_NAMED = re.compile(
    r"(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}\b)"
    r"|(?P<account>(?<!\d)\d{12}(?!\d))"
    r"|(?P<unit>\bou-[0-9a-z]{4,32}-[0-9a-z]{8,32}\b)"
    r"|(?P<root>\br-[0-9a-z]{4,32}\b)"
    r"|(?P<organization>\bo-[a-z0-9]{10,32}\b)"
    r"|(?P<key>\bA[KS]IA[A-Z0-9]{12,}\b)"
    r"|(?P<principal>(?<=:)(?:assumed-role|role|user)/[\w+=,.@/-]+)"
)
_NAMES = frozenset({"name", "accountname", "email", "masteraccountemail", "requestedby", "openedby"})


class Pseudonyms:
    """Replaces account ids, addresses, key ids, units, principals and names."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}

    def of(self, value: Any, key: str = "") -> Any:
        """Return a JSON value with pseudonyms in every text of it."""
        if isinstance(value, Mapping):
            return {name: self.of(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self.of(each, key) for each in value]
        if not isinstance(value, str):
            return value
        if key.lower() in _NAMES and value and not _NAMED.search(value):
            return self._one("name", value)
        return self.text(value)

    def name(self, name: str) -> None:
        """Have a name replaced wherever it stands."""
        self._one("name", name)

    def text(self, text: str) -> str:
        """Return a text with pseudonyms."""
        replaced = _NAMED.sub(lambda found: self._one(found.lastgroup or "", found[0]), text)
        for (kind, name), pseudonym in self._given.items():
            if kind == "name":
                replaced = replaced.replace(name, pseudonym)
        return replaced

    def _one(self, kind: str, found: str) -> str:
        known = sum(each == kind for each, _ in self._given) + 1
        made = f"{known:012d}" if kind == "account" else f"{kind}-{known}"
        return self._given.setdefault((kind, found), made)
