"""Whether a record shows a deed or only a try, and what stopped the try."""

import re

from lambdas.domain.cloudtrail import CloudTrailRecord

# AWS names the kind of policy in the message; only these words of it are repeated.
_POLICY = re.compile(r"\b(service control|resource control|resource-based|identity-based|session) policy\b")
_DENIALS = ("AccessDenied", "AccessDeniedException")


def failed(record: CloudTrailRecord) -> bool:
    """Say whether what the record shows was tried and did not succeed."""
    if record.error_code or record.error_message:
        return True
    result = record.detail.optional_text("responseElements", record.event_name)
    if record.event_name == "ConsoleLogin":
        return result != "Success"
    return result is not None and result.lower() in {"failure", "failed"}


def denying_policy(record: CloudTrailRecord) -> str | None:
    """Return the kind of policy that denied it, in words; None where the record names none."""
    message = record.error_message or ""
    named = _POLICY.search(message.lower())
    if named:
        return f"a {named[0]}"
    at_the_door = record.event_name == "ConsoleLogin" and record.error_code in _DENIALS
    return "a policy" if at_the_door or "policy" in message.lower() else None


def ending(record: CloudTrailRecord) -> str:
    """Say how the try ended; to be read after "and"."""
    policy = denying_policy(record)
    if policy:
        return f"{policy} stopped it"
    return f"AWS refused it ({record.error_code})" if record.error_code else "it failed"
