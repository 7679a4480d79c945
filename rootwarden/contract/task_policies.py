"""AWS's task policies, one of which limits each root session."""

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
