"""How a record says that root called: a person as the root user, or in a session of its access key."""

from typing import Any

_ROOT: dict[str, Any] = {"type": ["Root"]}
# A session that a root access key handed out, by GetFederationToken.
_FEDERATED: dict[str, Any] = {
    "type": ["FederatedUser"],
    "sessionContext": {"sessionIssuer": {"type": ["Root"]}},
}
# The console writes these into invokedBy of a person's own calls. They name no service.
CONSOLE = ["signin.amazonaws.com", "AWS Internal"]
# What the names of AWS's MCP servers end with: they make a person's calls, with the person's credentials.
MCP_SERVERS = "-mcp.amazonaws.com"
# What IAM's calls end with that make or remove root's own credentials. They count whoever made them.
CREDENTIAL_CALLS = ("AccessKey", "LoginProfile", "MFADevice", "SigningCertificate")


def _by_a_person(who: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    signed_in = {**who.get("sessionContext", {}), "attributes": {"creationDate": [{"exists": True}]}}
    return (
        {"userIdentity": {**who, "invokedBy": [{"exists": False}, {"suffix": MCP_SERVERS}]}},
        {"userIdentity": {**who, "invokedBy": CONSOLE, "sessionContext": signed_in}},
        {
            "userIdentity": {**who, "invokedBy": CONSOLE},
            "sessionCredentialFromConsole": ["true", True],
        },
    )


AS_ROOT: tuple[dict[str, Any], ...] = ({"userIdentity": _ROOT}, {"userIdentity": _FEDERATED})
BY_A_PERSON = (*_by_a_person(_ROOT), *_by_a_person(_FEDERATED))
# A session that a root access key handed out may call nothing of IAM.
OF_ROOTS_CREDENTIALS: dict[str, Any] = {
    "userIdentity": _ROOT,
    "eventSource": ["iam.amazonaws.com"],
    "eventName": [{"suffix": call} for call in CREDENTIAL_CALLS],
}
