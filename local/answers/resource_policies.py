"""Judges policies attached to resources: queues, topics, buses, keys, functions, role trust."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.answers.policy_evaluation import AccessRequest, Decision, evaluate

# What a service says about the resource it acts for; role policies have no use for these keys.
_SERVICE_KEYS = frozenset({"aws:sourcearn", "aws:sourceaccount", "kms:viaservice"})
_LIKE_OPERATORS = frozenset({"StringEquals", "StringLike", "ArnEquals", "ArnLike"})


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: an AWS service, or a role's session of an account."""

    service: str | None = None
    account: str | None = None
    arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whether this caller may do this to that resource."""

    caller: Caller
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def permits(policy: str | Mapping[str, Any] | None, question: Question) -> bool:
    """Tell whether a resource's policy lets the caller in; no policy lets nobody in."""
    return judge(policy, question) is Decision.ALLOWED


def judge(policy: str | Mapping[str, Any] | None, question: Question) -> Decision:
    """Return what a resource's policy says about the caller."""
    document = json.loads(policy) if isinstance(policy, str) else policy
    if not document:
        return Decision.IMPLICITLY_DENIED
    statements = document["Statement"]
    concerning = [
        _own_part(statement)
        for statement in ([statements] if isinstance(statements, dict) else statements)
        if _concerns(statement.get("Principal"), question.caller)
        and _service_conditions_hold(statement.get("Condition", {}), question.context)
    ]
    context = {"aws:SecureTransport": "true", **question.context}
    request = AccessRequest(action=question.action, resource=question.resource, context=context)
    return evaluate(concerning, request)


def _own_part(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Return a statement as a role's policy would have it, for what is left to judge."""
    conditions = {
        operator: {key: value for key, value in keys.items() if key.lower() not in _SERVICE_KEYS}
        for operator, keys in statement.get("Condition", {}).items()
    }
    judged = {key: value for key, value in statement.items() if key != "Principal"}
    # A trust policy names no resource: it is about the role it belongs to.
    resource = {} if "NotResource" in judged else {"Resource": "*"}
    return {**resource, **judged, "Condition": {op: keys for op, keys in conditions.items() if keys}}


def _service_conditions_hold(conditions: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    given = {key.lower(): value for key, value in context.items()}
    return all(
        operator in _LIKE_OPERATORS
        and any(_like(wanted, given.get(key.lower(), "")) for wanted in _listed(wanted_values))
        for operator, keys in conditions.items()
        for key, wanted_values in keys.items()
        if key.lower() in _SERVICE_KEYS
    )


def _like(pattern: str, actual: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), actual) is not None


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
