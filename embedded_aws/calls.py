"""Every AWS call made to the embedded AWS, in order, and who made it."""

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

_REDACTED = "(redacted)"
# Query and XML services answer AccessDenied (403), REST-JSON ones AccessDeniedException (403).
_DENIALS = {
    "sns": ("AuthorizationError", 403),
    **dict.fromkeys(("sts", "iam", "s3", "sqs", "cloudwatch", "cloudformation"), ("AccessDenied", 403)),
    **dict.fromkeys(("lambda", "scheduler"), ("AccessDeniedException", 403)),
}
_SECRETS = frozenset(
    (
        *("NewPassword", "OldPassword", "Password", "PrivateKey", "SecretAccessKey", "SecretBinary"),
        *("SecretString", "SessionToken"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who makes a call.

    `arn` is how AWS names the caller in messages and CloudTrail; policies see `role_arn` for a
    role's session. `task_policy_arn` is set in root sessions only.
    """

    kind: Literal["administrator", "role_session", "root_session", "root_key"]
    account: str
    arn: str
    access_key_id: str = ""
    role_arn: str | None = None
    task_policy_arn: str | None = None
    session_started: datetime | None = None

    @property
    def user_id(self) -> str:
        """The unique id AWS shows for the caller, derived so that it stays the same."""
        if self.is_root:
            return self.account
        role_id = uuid.uuid5(uuid.NAMESPACE_OID, self.role_arn or self.arn).hex.upper()
        return f"AROA{role_id[:17]}:{self.arn.rpartition('/')[2]}"

    @property
    def condition_keys(self) -> dict[str, str]:
        """What policies can ask about the caller."""
        assumed_root = {"aws:AssumedRoot": "true"} if self.kind == "root_session" else {}
        arn = self.role_arn or self.arn
        return {"aws:PrincipalArn": arn, "aws:PrincipalAccount": self.account, **assumed_root}

    @property
    def is_root(self) -> bool:
        """Whether the caller is an account's root user, in whatever way."""
        return self.kind in ("root_session", "root_key")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One AWS call, as the service that received it saw it.

    `service` is the name boto3 knows it by; `actions` and `resources` are what IAM judges, empty
    where the embedded AWS has no rule for them. `error_code` is None when the call succeeded.
    """

    time: datetime
    account: str
    region: str
    partition: str
    principal: Principal
    service: str
    operation: str
    parameters: Mapping[str, Any]
    host: str = ""
    user_agent: str = ""
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    error_code: str | None = None
    error_message: str | None = None

    @property
    def action(self) -> str:
        """The IAM action, or `service:Operation` where no rule says otherwise."""
        return self.actions[0] if self.actions else f"{self.service}:{self.operation}"

    @property
    def resource(self) -> str:
        """The resource's ARN, or `*`."""
        return self.resources[0] if self.resources else "*"


class CallRefusedError(Exception):
    """When AWS answers a call with an error."""

    def __init__(self, code: str, message: str, http: int = 400, **members: str) -> None:
        """Take the error as a client sees it; `members` are further members of the error shape."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http = http
        # moto's serializers look for the members here, under their own names.
        vars(self).update(members)


def access_denied(call: Call, action: str, resource: str, reason: str = "") -> CallRefusedError:
    """Return the refusal of a call that lacks a permission, coded as its service does."""
    code, http = _DENIALS.get(call.service, ("AccessDeniedException", 400))
    who = f"User: {call.principal.arn}"
    message = f"{who} is not authorized to perform: {action} on resource: {resource}{reason}"
    return CallRefusedError(code, message, http)


@dataclass
class _Fault:
    error: CallRefusedError
    left: int | None
    after_effect: bool
    wanted: Mapping[str, str]

    def hits(self, call: Call, *, after_effect: bool) -> bool:
        is_wanted = all(getattr(call, name) == value for name, value in self.wanted.items())
        if self.left == 0 or self.after_effect is not after_effect or not is_wanted:
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """Calls that are made to fail."""

    def __init__(self) -> None:
        """Start without any."""
        self._faults: list[_Fault] = []
        self._lock = threading.Lock()

    def fail(
        self,
        operation: str,
        code: str,
        *,
        message: str = "",
        http: int = 400,
        times: int | None = 1,
        after_effect: bool = False,
        **where: str,
    ) -> None:
        """Let the next `times` matching calls fail (None: every one); `where`: account, service, region.

        With `after_effect` AWS does what was asked and only the answer is an error.
        """
        error = CallRefusedError(code, message or f"{code} on request", http)
        with self._lock:
            self._faults.append(_Fault(error, times, after_effect, {"operation": operation, **where}))

    def strike(self, call: Call, *, after_effect: bool = False) -> None:
        """Raise what was asked for this call, if anything was."""
        with self._lock:
            for fault in self._faults:
                if fault.hits(call, after_effect=after_effect):
                    raise fault.error

    def clear(self) -> None:
        """Let every call through again."""
        with self._lock:
            self._faults.clear()


def redacted(value: Any) -> Any:
    """Return call parameters with every secret replaced."""
    if isinstance(value, Mapping):
        return {key: _REDACTED if key in _SECRETS else redacted(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [redacted(inner) for inner in value]
    return value


def leaves_changed(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a document with each of its leaves changed."""
    if isinstance(value, Mapping):
        return {key: leaves_changed(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [leaves_changed(inner, change) for inner in value]
    return change(value)


S3_ACTIONS = {
    **dict.fromkeys(("HeadBucket", "ListObjects", "ListObjectsV2"), "ListBucket"),
    **dict.fromkeys(("CompleteMultipartUpload", "CreateMultipartUpload", "UploadPart"), "PutObject"),
    "DeleteObjects": "DeleteObject",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    **{f"{v}{what}": f"{v}{what}" for v in ("Delete", "Get", "Put") for what in ("BucketPolicy", "Object")},
}
# Where the action a call needs is not called like the operation.
ACTIONS = {
    **{("s3", operation): action for operation, action in S3_ACTIONS.items()},
    ("lambda", "Invoke"): "InvokeFunction",
    ("sns", "PublishBatch"): "Publish",
    ("sqs", "ChangeMessageVisibilityBatch"): "ChangeMessageVisibility",
    ("sqs", "DeleteMessageBatch"): "DeleteMessage",
    ("sqs", "SendMessageBatch"): "SendMessage",
}
