"""Judges policies attached to resources: queues, topics, buses, keys, functions, role trust."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from embedded_aws.iam.policy_evaluation import AccessRequest, Decision, Values, evaluate

# What a service says about the resource it acts for; role policies have no use for these keys.
_SERVICE_KEYS = frozenset({"aws:sourcearn", "aws:sourceaccount", "kms:viaservice"})
_LIKE_OPERATORS = frozenset({"StringEquals", "StringLike", "ArnEquals", "ArnLike"})
_NOT_LIKE_OPERATORS = frozenset({"StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike"})


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
    context: Mapping[str, Values] = field(default_factory=dict)


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
        if _is_about(statement, question.caller)
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
    judged = {key: value for key, value in statement.items() if key not in ("Principal", "NotPrincipal")}
    # A trust policy names no resource: it is about the role it belongs to.
    resource = {} if "NotResource" in judged else {"Resource": "*"}
    return {**resource, **judged, "Condition": {op: keys for op, keys in conditions.items() if keys}}


def _service_conditions_hold(conditions: Mapping[str, Any], context: Mapping[str, Values]) -> bool:
    given = {key.lower(): value for key, value in context.items() if isinstance(value, str)}
    return all(
        _service_condition_holds(operator, _listed(wanted), given.get(key.lower()))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
        if key.lower() in _SERVICE_KEYS
    )


def _service_condition_holds(operator: str, wanted: list[str], actual: str | None) -> bool:
    matched = actual is not None and any(_like(pattern, actual) for pattern in wanted)
    if operator in _NOT_LIKE_OPERATORS:
        return not matched
    return operator in _LIKE_OPERATORS and matched


def _like(pattern: str, actual: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), actual) is not None


def _is_about(statement: Mapping[str, Any], caller: Caller) -> bool:
    if "NotPrincipal" not in statement:
        return _concerns(statement.get("Principal"), caller)
    others = statement["NotPrincipal"]
    groups = others if isinstance(others, Mapping) else {"AWS": others}
    # An account named there is its root user alone: whoever else is excepted is named as well.
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
