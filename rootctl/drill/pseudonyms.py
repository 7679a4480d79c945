"""Pseudonyms for what names an organization: the same thing gets the same one throughout a record."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

# The first that fits wins: a session name may be an address, an ARN holds an account id.
_NAMED = re.compile(
    r"(?P<principal>(?<=:)(?:assumed-role|role|user|group|federated-user)/[\w+=,.@/-]+)"
    r"|(?P<secret>(?<=:secret:)[\w/+=.@-]+)"
    r"|(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<key>\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ANVA|AIPA|APKA|ASCA)[A-Z0-9]{12,}\b(?::[\w+=,.@-]+)?)"
    r"|(?P<ip>(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])|(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f:]+)"
    r"|(?P<account>(?<!\d)\d{12}(?!\d))"
    r"|(?P<unit>\bou-[0-9a-z]{4,32}-[0-9a-z]{8,32}\b)"
    r"|(?P<root>(?<![\w-])r-[0-9a-z]{4,32}\b)"
    r"|(?P<organization>(?<![\w-])o-[a-z0-9]{10,32}\b)"
)
# The members of answers and records that hold names people gave.
_NAMES = frozenset({"name", "accountname", "displayname"})
# Outcomes in log lines name an account beside its id.
_NAME_IN_TEXT = re.compile(r'"id\\?":\s*\\?"\d{12}\\?",\s*\\?"name\\?":\s*\\?"([^"\\]+)')
# Accounts have a name beside these; a policy's or a trail's name is found the same way.
_BESIDE_NAMES = frozenset({"id", "arn", "email", "organizationalunit", "state"})

_AWS_NAMES = frozenset({"Root", "FullAWSAccess", "RCPFullAWSAccess"})
# The members of a record that hold this project's or AWS's own words.
_OWN_WORDS = frozenset({"service", "operation", "step", "sight", "check", "status", "verdict", "version"})


class Pseudonyms:
    """Replaces account ids, addresses, key ids, units, principals and names."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._names: re.Pattern[str] | None = None

    def learn(self, *values: Any) -> None:
        """Note the names in JSON values, so that they are replaced wherever they stand."""
        names = {name for value in values for name in _names(value) if not _NAMED.fullmatch(name)}
        for name in sorted(names):
            self._one("name", name)
        if names:
            longest_first = sorted(names, key=len, reverse=True)
            self._names = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")

    def of(self, value: Any) -> Any:
        """Return a JSON value with pseudonyms in every text of it."""
        if isinstance(value, Mapping):
            return {
                _NAMED.sub(self._named, name): each if name in _OWN_WORDS else self.of(each)
                for name, each in value.items()
            }
        if isinstance(value, list):
            return [self.of(each) for each in value]
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """Return a text with pseudonyms."""
        if self._names:
            text = self._names.sub(lambda found: self._one("name", found[0]), text)
        return _NAMED.sub(self._named, text)

    def _named(self, found: re.Match[str]) -> str:
        return self._one(found.lastgroup or "", found[0])

    def _one(self, kind: str, found: str) -> str:
        known = sum(each == kind for each, _ in self._given) + 1
        made = f"{known:012d}" if kind == "account" else f"{kind}-{known}"
        return self._given.setdefault((kind, found), made)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            if isinstance(each, str) and each and _is_name(key, value):
                yield each
            yield from _names(each)
    elif isinstance(value, list):
        for each in value:
            yield from _names(each)
    elif isinstance(value, str):
        yield from _NAME_IN_TEXT.findall(value)


def _is_name(key: str, beside: Mapping[str, Any]) -> bool:
    if beside[key] in _AWS_NAMES:
        return False
    return key.lower() in _NAMES and not _BESIDE_NAMES.isdisjoint(each.lower() for each in beside)
