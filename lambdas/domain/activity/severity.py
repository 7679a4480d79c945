"""How bad something is, and why."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """From worst to harmless."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """A number that grows with severity."""
        return len(Severity) - list(Severity).index(self)

    @property
    def one_step_worse(self) -> "Severity":
        """The next severity up; critical stays critical."""
        worst_first = list(Severity)
        return worst_first[max(worst_first.index(self) - 1, 0)]


@dataclass(frozen=True)
class Assessment:
    """A severity and the sentence that gives its reason. circumstances: further sentences about this one."""

    severity: Severity
    reason: str
    circumstances: tuple[str, ...] = ()

    @property
    def in_full(self) -> str:
        """The reason with its circumstances, in one line."""
        return "; ".join((self.reason, *self.circumstances))
