"""What a policy's statement means for whoever should change the policy."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from lambdas.domain.event_fields import Fields


class Verdict(StrEnum):
    """The worst first."""

    LOCKS = "locks"
    MAY_LOCK = "may_lock"
    HARMLESS = "harmless"


@dataclass(frozen=True, kw_only=True)
class StatementVerdict:
    """One statement, by its place from 1. actions: of those needed; conditions: on which it depends."""

    sid: str | None
    number: int
    verdict: Verdict
    who: str
    actions: tuple[str, ...]
    conditions: tuple[str, ...]
    why: str

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        listed = {"actions": list(self.actions), "conditions": list(self.conditions)}
        named = {"sid": self.sid, "number": self.number, "verdict": self.verdict.value, "who": self.who}
        return {**named, **listed, "why": self.why}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(
            sid=fields.optional_text("sid"),
            number=fields.number("number"),
            verdict=fields.choice(Verdict, "verdict"),
            who=fields.text("who"),
            actions=fields.optional_texts("actions") or (),
            conditions=fields.optional_texts("conditions") or (),
            why=fields.text("why"),
        )

    def __str__(self) -> str:
        """Return how people find it."""
        return f"statement {self.number}{f' ({self.sid})' if self.sid else ''}"
