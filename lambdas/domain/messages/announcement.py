"""What is to be told to people about one outcome, before any channel's formatting."""

from dataclasses import dataclass

from lambdas.domain.activity.severity import Severity
from lambdas.domain.outcomes import AccountReference

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """One message. facts and links: label and value; next_steps: what to do now, in order."""

    severity: Severity
    account: AccountReference
    headline: str
    happened: str
    done: str
    facts: Facts
    next_steps: tuple[str, ...]
    links: Facts

    @property
    def title(self) -> str:
        """Return severity, account and headline in one line."""
        return on_one_line(f"{self.severity.upper()} {self.account}: {self.headline}")


def on_one_line(text: str) -> str:
    """Return a text without line breaks, so that what came from outside cannot pose as lines of ours."""
    return " ".join(text.split())
