"""Judges policies attached to resources: queues, topics, buses, keys, functions, role trust."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.kms.models import kms_backends
from moto.utilities.arns import Arn

from embedded_aws.iam.policy_evaluation import CONTEXT_KEYS, AccessRequest, Decision, Values, evaluate

_ENCRYPTING = ("kms:GenerateDataKey", "kms:Decrypt")
# What a service says about the resource it acts for; role policies have no use for these keys.
_KEYS = CONTEXT_KEYS | {"aws:sourcearn", "aws:sourceaccount", "kms:viaservice"}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: an AWS service, or a role's session of an account."""

    service: str | None = None
    account: str | None = None
    arn: str | None = None


@dataclass(frozen=True)
class Question:
    """Whether this caller may do this to that resource."""

    caller: Caller
    action: str
    resource: str
    context: Mapping[str, Values] = field(default_factory=dict)


def permits(policy: str | Mapping[str, Any] | None, question: Question) -> bool:
    """Say whether a resource's policy lets the caller in; without a policy no one is let in."""
    return judge(policy, question) is Decision.ALLOWED


def judge(policy: str | Mapping[str, Any] | None, question: Question) -> Decision:
    """Return what a resource's policy says about the caller."""
    document = json.loads(policy) if isinstance(policy, str) else policy
    if not document:
        return Decision.IMPLICITLY_DENIED
    statements = document["Statement"]
    concerning = [
        _without_principal(statement)
        for statement in ([statements] if isinstance(statements, dict) else statements)
        if _is_about(statement, question.caller)
    ]
    context = {"aws:SecureTransport": "true", **question.context}
    return evaluate(concerning, AccessRequest(question.action, question.resource, context), _KEYS)


def may_encrypt(
    key_id: str | None,
    encrypted: Arn,
    context: Mapping[str, str],
    *,
    service: str = "events.amazonaws.com",
) -> bool:
    """Say whether a service may write to what this key encrypts.

    Without a key anything goes. AWS-managed keys cannot be opened to services: events and alarms
    sent to a queue or topic encrypted with one fail, which is easily overlooked.
    """
    if not key_id:
        return True
    if key_id.startswith("alias/aws/"):
        return False
    backend = kms_backends[encrypted.account][encrypted.region]
    key = backend.describe_key(key_id.rpartition("key/")[2])
    return all(
        permits(key.policy, Question(Caller(service=service), action, key.arn, context))
        for action in _ENCRYPTING
    )


def _without_principal(statement: Mapping[str, Any]) -> dict[str, Any]:
    judged = {key: value for key, value in statement.items() if key not in ("Principal", "NotPrincipal")}
    # A trust policy names no resource: it is about the role it belongs to.
    return judged if "NotResource" in judged else {"Resource": "*", **judged}


def _is_about(statement: Mapping[str, Any], caller: Caller) -> bool:
    if "NotPrincipal" not in statement:
        return _concerns(statement.get("Principal"), caller)
    others = statement["NotPrincipal"]
    groups = others if isinstance(others, Mapping) else {"AWS": others}
    # An account named there is its root user alone: who else is excepted is named as well.
    named = {name for group in groups.values() for name in _listed(group)}
    return named.isdisjoint({"*", caller.service, caller.arn})


def _concerns(principal: Any, caller: Caller) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    services, accounts = _listed(principal.get("Service")), _listed(principal.get("AWS"))
    if caller.service is not None:
        return caller.service in services
    return any(_names(name, caller) for name in accounts)


def _names(name: str, caller: Caller) -> bool:
    return name in ("*", caller.account, caller.arn) or name.endswith(f"::{caller.account}:root")


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)
