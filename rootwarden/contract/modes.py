"""Observe or enforce: whether root credentials that are found are only reported, or removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from rootwarden.event_fields import Fields


class Mode(StrEnum):
    """What becomes of root credentials that are found: they are only reported, or removed."""

    OBSERVE = "observe"
    ENFORCE = "enforce"


def as_said_now(fields: Fields) -> Fields:
    """Return what names a sweep's mode, with the word that 0.1 had for `observe` replaced.

    0.1 may have left it on queues and in sweeps under way.
    """
    if isinstance(fields.value, Mapping) and fields.value.get("mode") == "audit":
        return Fields({**fields.value, "mode": Mode.OBSERVE.value}, fields.path)
    return fields


class Origin(StrEnum):
    """How an account came into the organization; existing: it was there before."""

    CREATED = "created"
    INVITED = "invited"
    EXISTING = "existing"


@dataclass(frozen=True, kw_only=True)
class HardeningModes:
    """What events about accounts of each origin lead to."""

    created: Mode = Mode.ENFORCE
    invited: Mode = Mode.ENFORCE
    existing: Mode = Mode.OBSERVE

    def of(self, origin: Origin) -> Mode:
        """Return the mode of accounts of this origin."""
        return {
            Origin.CREATED: self.created,
            Origin.INVITED: self.invited,
            Origin.EXISTING: self.existing,
        }[origin]

    @property
    def may_enforce(self) -> bool:
        """Whether any account is hardened; else no function behind events may remove anything."""
        return any(self.of(origin) is Mode.ENFORCE for origin in Origin)

    def to_detail(self) -> dict[str, str]:
        """Return the JSON form."""
        return {origin.value: self.of(origin).value for origin in Origin}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(**{origin.value: fields.choice(Mode, origin.value) for origin in Origin})
