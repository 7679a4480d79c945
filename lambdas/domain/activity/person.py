"""Whether a record shows a person who acts as root, or a service that acts for the account.

A call that a service makes for the account shows type Root too, with the service in invokedBy. The console
itself writes two names there that are no service: older records of a person's own calls carry them.
"""

from lambdas.domain.event_fields import Fields

_CONSOLE_NAMES = frozenset({"signin.amazonaws.com", "AWS Internal"})


def is_root(detail: Fields) -> bool:
    """Say whether the caller was a root user, or used a session that a root access key handed out."""
    kind = detail.optional_text("userIdentity", "type")
    issuer = detail.optional_text("userIdentity", "sessionContext", "sessionIssuer", "type")
    return kind == "Root" or (kind == "FederatedUser" and issuer == "Root")


def acting_service(detail: Fields) -> str | None:
    """Return the service that made the call for the account; None where a person made it."""
    invoked_by = detail.optional_text("userIdentity", "invokedBy")
    if invoked_by in _CONSOLE_NAMES and _in_a_console_session(detail):
        return None
    return invoked_by


def _in_a_console_session(detail: Fields) -> bool:
    if detail.is_true("sessionCredentialFromConsole"):
        return True
    return detail.optional_text("userIdentity", "sessionContext", "attributes", "creationDate") is not None


def is_directory_login(detail: Fields) -> bool:
    """Say whether this is a federated log-in, which CloudTrail writes as root's but without root's ARN."""
    name = detail.optional_text("eventName")
    return name == "ExternalIdPDirectoryLogin" and detail.optional_text("userIdentity", "arn") is None
