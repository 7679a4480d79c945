"""What strangers write: texts, values and documents, all of them made from one seeded generator."""

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, cast

# What must never come out again, wherever a record or an answer of AWS carries it.
SECRETS = (
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYPLANTEDKEY",
    "IQoJb3JpZ2luX2VjPLANTEDTOKEN//////////wEaCXVz",
    "https://hooks.slack.com/services/T0000/B0000/PLANTEDWEBHOOK",
)
UNSEEN = (
    *("\x00", "\x07", "\x08", "\x1b[31m", "\x1b]0;owned\x07", "\x7f", "\x85", "\x9b31m", "\r", "\n", "\t"),
    *("\u202e", "\u2066", "\u2069", "\u200e", "\u061c", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad"),
    *("\u2028", "\u2029", "\u3164", "\ufe0f", "\U000e0041", "\ue000", "\ud800", "\udfff"),
)
# A command that no message has: chat shows it as one only where a stranger's text was taken for ours.
COMMAND = "aws iam attach-user-policy --user-name evil"
_MARKUP = (
    f"x: {COMMAND}",
    *(
        "<script>alert(1)</script>",
        "</script><img src=x onerror=alert(1)>",
        "<!channel>",
        "<@U12345>",
        "&amp;",
    ),
    *("<https://evil.example|AWS console>", "[click](https://evil.example)", "https://evil.example/x"),
    *(
        "*bold*",
        "_slanted_",
        "~struck~",
        "`code`",
        "```",
        "@here",
        "@channel",
        "> quoted",
        "mailto:a@evil.example",
    ),
    *("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\uff1d1+1", '"', "'", "%0d%0aBcc: a@evil.example"),
)
_ODD = (
    *("us-east-1.evil.example/", "cn-@evil.example", "../../evil", "\\u202e", "${jndi:ldap://x}", "{{7*7}}"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "2026-06-01T12:00:00Z"),
    *("NaN", "-1", "999999999999999999999", "111122223333", "444455556666", "Root", "", " "),
)
_USUAL = ("payments-prod", "Zürich", "東京", "🚀", " ", "A", "0", "name of an account")
_NUMBERS: tuple[object, ...] = (
    *(0, -1, 1, 2**31, 2**63, 10**400, 1.5, float("nan"), float("inf"), True, False, None),
)
# How deep values are nested as a rule, and now and then.
_NESTED, _DEEP = 3, 60
_SHORT = 30
Json = Any


class Stranger:
    """Writes things, always the same for one generator."""

    def __init__(self, random: Random) -> None:
        """Take the generator."""
        self.random = random

    def text(self) -> str:
        """Write a text: something dangerous, something odd, or something very long."""
        pieces = [self._piece() for _ in range(self.random.choice((1, 1, 2, 3, 6)))]
        text = "".join(pieces)
        return text * 5000 if len(text) < _SHORT and self.chance(0.01) else text

    def chance(self, share: float) -> bool:
        """Say yes in this share of all cases."""
        return self.random.random() < share

    def value(self, depth: int = 0) -> Json:
        """Write any JSON value."""
        kinds = ("text", "number", "deep", "list", "object")
        [kind] = self.random.choices(kinds, (10, 4, 1, 2, 3)) if depth < _NESTED else ["text"]
        match kind:
            case "number":
                return self.random.choice(_NUMBERS)
            case "deep":
                return self._deep()
            case "list":
                return [self.value(depth + 1) for _ in range(self.random.randrange(3))]
            case "object":
                return {self.text(): self.value(depth + 1) for _ in range(self.random.randrange(3))}
        return self.text()

    def changed(self, document: Json, changes: int | None = None) -> Json:
        """Return a copy of a document with a few values, names or branches changed."""
        copy = json.loads(json.dumps(document))
        for _ in range(self.random.choice((0, 1, 1, 2, 3, 5)) if changes is None else changes):
            copy = self._change(copy)
        return copy

    def texts_changed(self, document: Json, share: float = 0.3) -> Json:
        """Return a copy in which some texts are a stranger's, and all else is as it was."""
        if isinstance(document, Mapping):
            return {name: self.texts_changed(value, share) for name, value in document.items()}
        if isinstance(document, Sequence) and not isinstance(document, str):
            return [self.texts_changed(value, share) for value in document]
        if isinstance(document, str) and self.chance(share):
            return self.text() or "x"
        return document

    def _piece(self) -> str:
        [pieces] = self.random.choices((UNSEEN, _MARKUP, _ODD, _USUAL), (3, 3, 2, 2))
        return self.random.choice(pieces)

    def _deep(self) -> Json:
        value: Json = self.text()
        for _ in range(_DEEP):
            value = [value] if self.chance(0.5) else {"a": value}
        return value

    def _change(self, document: Json) -> Json:
        """Change one place of a document that is the caller's own."""
        place, parent, name = document, cast("Json", None), cast("Json", None)
        while isinstance(place, dict | list) and place and (parent is None or self.chance(0.8)):
            parent = place
            name = (
                self.random.choice(list(place))
                if isinstance(place, dict)
                else self.random.randrange(len(place))
            )
            place = place[name]
        if parent is None:
            return self.value()
        match self.random.randrange(6):
            case 0:
                del parent[name]
            case 1 if isinstance(parent, dict):
                parent[self.text()] = parent.pop(name)
            case 2:
                parent[name] = [parent[name]]
            case _:
                parent[name] = self.value()
        return document
