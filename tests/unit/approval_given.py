"""An automation that approves one request, and what may be different about it."""

import json
from collections.abc import Mapping
from typing import Any

from rootwarden.approval.automations import Automation
from rootwarden.events import Fields

HUB = "222233334444"
DOCUMENT = "rootwarden-open-recovery-0a1b2c3d"
EXECUTION = "73c8eef8-f4ee-4a05-820c-e354f0123456"
IDENTITY_CENTER = f"arn:aws:sts::{HUB}:assumed-role/AWSReservedSSO_Operators_0123456789abcdef"
JANE, OMAR = f"{IDENTITY_CENTER}/jane@example.com", f"{IDENTITY_CENTER}/omar@example.com"
ASKED: Mapping[str, object] = {
    "account": "444455556666",
    "hours": 4,
    "reason": "lost MFA device",
}


def request(**changes: object) -> Fields:
    """Return a request that names the automation below; None takes a member away."""
    event = {**ASKED, "requestedBy": "rootctl", "automationExecutionId": EXECUTION, **changes}
    return Fields({name: value for name, value in event.items() if value is not None})


def decision(approver: str, says: str = "Approve", **rest: str) -> str:
    return json.dumps({"approver": approver, "decision": says, **rest})


def automation(**changes: Any) -> Automation:
    """Return the automation in which Jane asked and Omar approved."""
    given: dict[str, Any] = {
        "document": DOCUMENT,
        "version": "1",
        "status": "InProgress",
        "is_simple": True,
        "executed_by": JANE,
        "parameters": {name: str(value) for name, value in ASKED.items()},
        "approval": "Approved",
        "decisions": (decision(OMAR),),
    }
    return Automation(**{**given, **changes})
