"""What outcomes say of what was done: its activity, and how bad it is. Routes match by both."""

from enum import StrEnum


class Activity(StrEnum):
    """What was done, or tried."""

    # By root itself.
    SIGN_IN_SUCCEEDED = "sign_in_succeeded"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_DENIED = "sign_in_denied"
    PASSWORD_RECOVERY_REQUESTED = "password_recovery_requested"
    PASSWORD_RECOVERY_COMPLETED = "password_recovery_completed"
    PASSWORD_CHANGED = "password_changed"
    EMAIL_CHANGED = "email_changed"
    CLI_SESSION = "cli_session"
    SIGN_IN_TOKEN_REQUESTED = "sign_in_token_requested"
    ROLE_SWITCHED = "role_switched"
    SIGN_IN_STEP = "sign_in_step"
    CREDENTIAL_CREATED = "credential_created"
    CREDENTIAL_REMOVED = "credential_removed"
    MFA_REMOVED = "mfa_removed"
    USER_CREDENTIAL_CREATED = "user_credential_created"
    USER_CREDENTIAL_REMOVED = "user_credential_removed"
    TRAIL_CHANGED = "trail_changed"
    LEFT_ORGANIZATION = "left_organization"
    ACCOUNT_CLOSED = "account_closed"
    CONTACT_CHANGED = "contact_changed"
    PAYMENT_CHANGED = "payment_changed"
    CONSOLE_ACTION = "console_action"
    API_CALL = "api_call"
    # Root access taken, or its protection changed, by anyone.
    OWN_ROLE_STOLEN = "own_role_stolen"
    ROOT_SESSION_OPENED = "root_session_opened"
    ROOT_SESSION_REFUSED = "root_session_refused"
    PROTECTION_WEAKENED = "protection_weakened"
    PROTECTION_CHANGED = "protection_changed"
    # By anyone but root itself; the same acts of root are above.
    ROOT_EMAIL_UPDATE_STARTED = "root_email_update_started"
    ROOT_EMAIL_UPDATE_ACCEPTED = "root_email_update_accepted"
    CONTACT_TOUCHED = "contact_touched"
    SIGN_IN_ANOMALY = "sign_in_anomaly"
    SIGN_IN_GUARD_CHANGED = "sign_in_guard_changed"
    TRAIL_TOUCHED = "trail_touched"
    ACCOUNT_LEAVING = "account_leaving"
    ACCOUNT_REMOVED = "account_removed"
    ACCOUNT_CLOSING = "account_closing"
    WATCH_TAKEN_DOWN = "watch_taken_down"
    WATCH_CHANGED = "watch_changed"
    WATCH_CHANGE_REFUSED = "watch_change_refused"


class Severity(StrEnum):
    """From worst to harmless. rank: a number that grows with severity."""

    rank: int

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def one_step_worse(self) -> "Severity":
        """The next severity up; critical stays critical."""
        worst_first = list(Severity)
        return worst_first[max(worst_first.index(self) - 1, 0)]


for _rank, _severity in enumerate(reversed(Severity), start=1):
    _severity.rank = _rank
