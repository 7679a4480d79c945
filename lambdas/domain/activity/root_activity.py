"""The words for root activity: what was done or tried, and with which credentials."""

from enum import StrEnum


class Activity(StrEnum):
    """What was done, or tried."""

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
    ROOT_SESSION_OPENED = "root_session_opened"
    ROOT_SESSION_REFUSED = "root_session_refused"
    PROTECTION_WEAKENED = "protection_weakened"
    PROTECTION_CHANGED = "protection_changed"


class ActorKind(StrEnum):
    """With what the caller called."""

    LONG_TERM_KEY = "long_term_key"
    FEDERATED_SESSION = "federated_session"
    CONSOLE_SESSION = "console_session"
    ROOT_SESSION = "root_session"
    SIGN_IN = "sign_in"
    CLI_LOGIN = "cli_login"
    PRINCIPAL = "principal"
    UNKNOWN = "unknown"
