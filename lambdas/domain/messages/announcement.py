"""What is to be told to people about one outcome, before any channel's formatting."""

from dataclasses import dataclass, replace

from lambdas.domain.activity.severity import Severity
from lambdas.domain.inert_text import inert, one_line
from lambdas.domain.outcomes import AccountReference

Facts = tuple[tuple[str, str], ...]

# Sentences of ours with texts of others in them; and AWS lets an account's name have 50 characters.
LONGEST_SENTENCE = 1000
_LONGEST_NAME = 64


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
        name = inert(self.account.name, longest=_LONGEST_NAME) if self.account.name else None
        account = replace(self.account, name=name)
        return one_line(f"{self.severity.upper()} {account}: {self.headline}")
