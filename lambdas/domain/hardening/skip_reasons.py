"""Why an account is left alone. Every skip has exactly one of these reasons."""

from dataclasses import dataclass
from enum import StrEnum


class SkipReason(StrEnum):
    """The reasons, as outcomes and logs name them."""

    CREATION_FAILED = "creation_failed"
    ENROLMENT_FAILED = "enrolment_failed"
    NOT_FINISHED = "not_finished"
    NOT_A_JOIN = "not_a_join"
    NOT_AN_ACCOUNT = "not_an_account"
    FOREIGN_ACCOUNT = "foreign_account"
    FOREIGN_ORGANIZATION = "foreign_organization"
    MANAGEMENT_ACCOUNT = "management_account"
    NOT_IN_ORGANIZATION = "not_in_organization"
    NOT_ACTIVE = "not_active"
    EXEMPT = "exempt"
    RECOVERY_WINDOW_OPEN = "recovery_window_open"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class Skip:
    """A decision to leave an account alone. text: one sentence for people, with the particulars."""

    reason: SkipReason
    text: str
