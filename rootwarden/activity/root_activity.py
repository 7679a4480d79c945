"""What was found in a record: root activity or a step towards it, how severe it is, and why."""

from dataclasses import dataclass
from enum import StrEnum

from rootwarden.contract.activities import Activity, Severity
from rootwarden.events import AccountId


class ActorKind(StrEnum):
    """With what the caller called."""

    LONG_TERM_KEY = "long_term_key"
    FEDERATED_SESSION = "federated_session"
    TEMPORARY_SESSION = "temporary_session"
    CONSOLE_SESSION = "console_session"
    ROOT_SESSION = "root_session"
    SIGN_IN = "sign_in"
    CLI_LOGIN = "cli_login"
    PRINCIPAL = "principal"
    UNKNOWN = "unknown"


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


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One such record. account_id: the account affected, where it is another than the record's.

    target: what was acted on, by its name. put_back: the command that undoes it. With activity None
    there is nothing to alert on, and the assessment's reason says why.
    """

    activity: Activity | None
    assessment: Assessment
    account_id: AccountId | None = None
    target: str | None = None
    put_back: str | None = None


def nothing_to_alert(reason: str) -> Finding:
    """Return the finding that a record concerns the watch, but no person."""
    return Finding(activity=None, assessment=Assessment(Severity.INFO, reason))
