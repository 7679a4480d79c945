"""What the deployment, functions and their callers agree on.

Who calls, how long each function may take, what messages bear, what root sessions may do, and where people
read on.
"""

import re
from datetime import timedelta
from enum import StrEnum


class Caller(StrEnum):
    """Who may call functions, each by an alias of this name."""

    QUEUE = "queue"
    PERSON = "person"
    SCHEDULE = "schedule"
    SWEEP = "sweep"


def caller_of(invoked_function_arn: str) -> Caller | None:
    """Return whose alias was invoked; None for a function that was invoked by no alias of ours."""
    # arn:aws:lambda:<Region>:<account>:function:<name>, and :<alias> where it was invoked by one.
    alias = invoked_function_arn.split(":")[7:]
    return Caller(alias[0]) if alias and alias[0] in set(Caller) else None


# In seconds; Lambda stops what is still running then.
TIME_LIMITS = {
    "harden_account": 120,
    "forget_account": 60,
    "assess_root_activity": 30,
    # Three channels, each of which may hang for its own time.
    "notify": 60,
    "list_accounts": 300,
    # The batch's audit waits for it; what there is no time for comes with the next sweep.
    "collect_undelivered": 60,
    "audit_accounts": 140,
    "write_report": 600,
    "open_recovery": 60,
    "close_recovery": 60,
    # A root session lasts two minutes; finding a queue in every Region comes before reading its policy back.
    "unlock_bucket": 150,
    "unlock_queue": 150,
}
_MARGIN_SECONDS = 30


def lease(function: str) -> timedelta:
    """Return how long a claim holds that is not given back: a little longer than its function may run."""
    return timedelta(seconds=TIME_LIMITS[function] + _MARGIN_SECONDS)


# A message's attribute: the account and Region whose own queue an event was brought in from. An
# administrator of that account may have written it: it is assessed, and proves nothing.
COLLECTED_FROM = "collectedFrom"

AUDIT = "IAMAuditRootUserCredentials"
DELETE = "IAMDeleteRootUserCredentials"
RECOVER = "IAMCreateRootUserPassword"
UNLOCK_BUCKET = "S3UnlockBucketPolicy"
UNLOCK_QUEUE = "SQSUnlockQueuePolicy"


def task_policy_arn(partition: str, task: str) -> str:
    """Return a task policy's ARN."""
    return f"arn:{partition}:iam::aws:policy/{task_policy_name(task)}"


def task_policy_name(task: str) -> str:
    """Return what a task policy's ARN ends in after `policy/`, in every partition."""
    return f"root-task/{task}"


def entry_address(docs: str, page: str, heading: str) -> str:
    """Return the address of a runbook's entry. docs: where the docs folder is read, as `runbook_url` says."""
    return f"{docs}/{page}#{_anchor(heading)}"


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
