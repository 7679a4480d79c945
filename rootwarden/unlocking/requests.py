"""What operators ask about a policy, why it is refused, and the bucket or queue it is about."""

import json
from dataclasses import dataclass
from enum import StrEnum

from rootwarden.events import Fields, MalformedEvent, Record
from rootwarden.policies.statements import statements_in
from rootwarden.requests import Request, RequestRefused, flag, read_request


class ResourceKind(StrEnum):
    """What has a policy that only root can repair."""

    BUCKET = "bucket"
    QUEUE = "queue"


class Resource(Record, frozen=True, kw_only=True):
    """One bucket or queue."""

    kind: ResourceKind
    name: str
    arn: str
    region: str

    def __str__(self) -> str:
        """Return what people call it."""
        return f"{self.kind} {self.name}"


_VERSIONS = ("2012-10-17", "2008-10-17")


class UnlockAction(StrEnum):
    """What is to become of a policy."""

    SHOW = "show"
    DELETE = "delete"
    PUT = "put"
    RESTORE = "restore"


class UnlockRefusal(StrEnum):
    """Why a request about a policy is turned away."""

    NOT_IN_ACCOUNT = "NotInThisAccount"
    SEVERAL = "SeveralQueues"
    NOT_A_POLICY = "NotAPolicy"
    WOULD_LOCK = "WouldLock"
    MAY_LOCK = "MayLock"
    EVIDENCE = "EvidenceNotUsable"


@dataclass(frozen=True, kw_only=True)
class UnlockRequest:
    """One request. wanted: the bucket's or queue's name, or another way to say it; policy: the one to put.

    evidence: the key of the one to restore; lock_again: whether what may lock is meant to.
    """

    request: Request
    kind: ResourceKind
    wanted: str
    region: str | None
    action: UnlockAction
    policy: str | None
    evidence: str | None
    lock_again: bool

    @property
    def only_looks(self) -> bool:
        """Whether nothing is to be changed."""
        return self.action is UnlockAction.SHOW or self.request.dry_run


def read_unlock_request(event: object, kind: ResourceKind) -> UnlockRequest:
    """Read a request about a bucket or a queue; raises MalformedEvent and RequestRefused."""
    request = read_request(event)
    fields = request.fields
    action = fields.choice(UnlockAction, "action")
    policy = _for(UnlockAction.PUT, action, fields, "policy")
    return UnlockRequest(
        request=request,
        kind=kind,
        wanted=fields.text(kind.value),
        region=fields.optional_text("region"),
        action=action,
        policy=policy if policy is None else policy_document(policy),
        evidence=_for(UnlockAction.RESTORE, action, fields, "evidence"),
        lock_again=flag(fields, "lockAgain"),
    )


def policy_document(text: str) -> str:
    """Return a text that is a policy document; raises RequestRefused."""
    try:
        document = json.loads(text)
        statements = statements_in(document)
    except (ValueError, RecursionError) as error:
        raise RequestRefused(UnlockRefusal.NOT_A_POLICY, f"the policy cannot be read: {error}") from error
    if document.get("Version") not in _VERSIONS or not statements:
        why = f"a policy takes Version {' or '.join(_VERSIONS)}, and a Statement"
        raise RequestRefused(UnlockRefusal.NOT_A_POLICY, why)
    return text


def _for(takes: UnlockAction, action: UnlockAction, fields: Fields, name: str) -> str | None:
    if action is takes:
        return fields.text(name)
    if fields.optional_text(name):
        raise MalformedEvent(name, f"nothing unless action is {takes}", fields.text(name))
    return None
