"""Calls that a policy of the organization refused: changing the policy helps, other credentials do not.

AWS says so in the message: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

import re

_KIND = r"(service|resource) control policy"
_REFUSED = re.compile(rf"(?:with an explicit deny in a|because no) {_KIND}\b", re.IGNORECASE)


def advice(message: str) -> str | None:
    """Say what to do about AWS's message, None where no policy of the organization refused the call."""
    found = _REFUSED.search(message)
    if found is None:
        return None
    return (
        f"A {found[1].lower()} control policy refused it: other credentials change nothing."
        " rootctl preflight names the policy, and what to change in it."
    )
