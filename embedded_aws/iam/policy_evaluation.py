"""Decides whether IAM policy statements allow a call; anything it does not know is an error."""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

Statement = Mapping[str, Any]
Values = str | Sequence[str]
ALLOW_ALL: Statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}

_ELEMENTS = frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})
# A key outside this list is refused: nothing fills it in, so a condition on it would prove nothing.
CONTEXT_KEYS = frozenset(
    key.lower()
    for key in (
        *("aws:AssumedRoot", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalIsAWSService"),
        *("aws:PrincipalOrgID", "aws:RequestedRegion", "aws:ResourceAccount", "aws:SecureTransport"),
        *("aws:SourceIp", "aws:SourceVpce", "aws:ViaAWSService", "cloudwatch:namespace"),
        *("events:detail-type", "events:source", "iam:AWSServiceName", "iam:PassedToService"),
        *("organizations:ServicePrincipal", "s3:prefix", "sts:TaskPolicyArn"),
    )
)
_ARN_PARTS = 6
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
# Stand for a literal `*` and `?` that came out of a policy variable.
_LITERALS = {"*": "\ue000", "?": "\ue001"}


class UnknownPolicyElementError(Exception):
    """When a policy uses an element, operator or key that this evaluator does not know."""


class Decision(Enum):
    """What the statements say about a call, as SimulatePrincipalPolicy calls it."""

    ALLOWED = "allowed"
    EXPLICITLY_DENIED = "explicitDeny"
    IMPLICITLY_DENIED = "implicitDeny"


class AccessRequest:
    """One action on one resource (`*` for actions without one) and what is known around it."""

    def __init__(self, action: str, resource: str, context: Mapping[str, Values]) -> None:
        """Take the context, a text or a list for each key; keys are compared without regard to case."""
        self.action = action
        self.resource = resource
        self._context = {key.lower(): value for key, value in context.items()}

    def values_of(self, key: str) -> Values | None:
        """Return what a context key holds."""
        return self._context.get(key.lower())

    def value_of(self, key: str) -> str | None:
        """Return the text a context key holds; None where there is none, or a list."""
        value = self.values_of(key)
        return value if isinstance(value, str) else None


def evaluate(
    statements: Sequence[Statement], request: AccessRequest, known_keys: Set[str] = CONTEXT_KEYS
) -> Decision:
    """Judge a call by statements, of whatever policy; conditions ask for `known_keys` alone."""
    validate(statements, known_keys)
    effects = {statement["Effect"] for statement in statements if _applies(statement, request)}
    if "Deny" in effects:
        return Decision.EXPLICITLY_DENIED
    return Decision.ALLOWED if "Allow" in effects else Decision.IMPLICITLY_DENIED


def validate(statements: Sequence[Statement], known_keys: Set[str] = CONTEXT_KEYS) -> None:
    """Refuse statements that `evaluate` would not fully understand."""
    for statement in statements:
        if unknown := sorted(statement.keys() - _ELEMENTS):
            raise UnknownPolicyElementError(f"statement element {', '.join(unknown)}")
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise UnknownPolicyElementError(f"Effect {statement.get('Effect')!r}")
        for pair in (("Action", "NotAction"), ("Resource", "NotResource")):
            if sum(element in statement for element in pair) != 1:
                raise UnknownPolicyElementError(f"exactly one of {' and '.join(pair)} is needed")
        for operator, keys in statement.get("Condition", {}).items():
            _parse_operator(operator)
            if strangers := [key for key in keys if key.lower() not in known_keys]:
                raise UnknownPolicyElementError(f"condition key {', '.join(strangers)}")


def _applies(statement: Statement, request: AccessRequest) -> bool:
    action = request.action.lower()
    return (
        _covers(statement, "Action", lambda pattern: _matches(pattern.lower(), action))
        and _covers(statement, "Resource", lambda pattern: _resource_matches(pattern, request))
        and all(
            _condition_holds(_parse_operator(operator), key, _as_list(wanted), request)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _covers(statement: Statement, element: str, matches: Callable[[str], bool]) -> bool:
    if element in statement:
        return any(matches(pattern) for pattern in _as_list(statement[element]))
    return not any(matches(pattern) for pattern in _as_list(statement[f"Not{element}"]))


def _resource_matches(pattern: str, request: AccessRequest) -> bool:
    before_variable = pattern.partition("${")[0]
    if before_variable != pattern and before_variable.count(":") < _ARN_PARTS - 1:
        return False  # AWS fills in variables only after an ARN's fifth colon.
    return _like(pattern, request.resource, request)


class _Operator(NamedTuple):
    compare: Callable[[str, str, AccessRequest], bool] | None
    negated: bool = False
    quantifier: str | None = None
    if_exists: bool = False


def _condition_holds(operator: _Operator, key: str, wanted: Sequence[str], request: AccessRequest) -> bool:
    actual = request.values_of(key)
    compare = operator.compare
    if compare is None:
        return (not actual) in [want.lower() == "true" for want in wanted]
    values = _as_list(actual) if actual is not None else []
    held = (any(compare(want, value, request) for want in wanted) is not operator.negated for value in values)
    if operator.quantifier == "ForAllValues":
        return all(held)
    if operator.quantifier == "ForAnyValue":
        return any(held)
    if actual is None:
        return operator.if_exists or operator.negated
    # AWS does not say how it compares a list without a set operator: here it equals nothing.
    return next(held) if isinstance(actual, str) else operator.negated


def _like(pattern: str, actual: str, request: AccessRequest) -> bool:
    resolved = _resolve(pattern, request)
    return resolved is not None and _matches(resolved, actual)


def _equals(wanted: str, actual: str, request: AccessRequest) -> bool:
    resolved = _resolve(wanted, request)
    return resolved is not None and _plain(resolved) == actual


def _equals_in_any_case(wanted: str, actual: str, request: AccessRequest) -> bool:
    return _equals(wanted.lower(), actual.lower(), request)


def _arn_like(wanted: str, actual: str, request: AccessRequest) -> bool:
    resolved = _resolve(wanted, request) or ""
    patterns, parts = resolved.split(":", _ARN_PARTS - 1), actual.split(":", _ARN_PARTS - 1)
    return len(patterns) == len(parts) == _ARN_PARTS and all(map(_matches, patterns, parts))


_OPERATORS = {
    "StringEquals": _Operator(_equals),
    "StringNotEquals": _Operator(_equals, negated=True),
    "StringEqualsIgnoreCase": _Operator(_equals_in_any_case),
    "StringNotEqualsIgnoreCase": _Operator(_equals_in_any_case, negated=True),
    "StringLike": _Operator(_like),
    "StringNotLike": _Operator(_like, negated=True),
    "ArnEquals": _Operator(_arn_like),
    "ArnLike": _Operator(_arn_like),
    "ArnNotEquals": _Operator(_arn_like, negated=True),
    "ArnNotLike": _Operator(_arn_like, negated=True),
    "Bool": _Operator(_equals_in_any_case),
    "Null": _Operator(None),
}


@lru_cache
def _parse_operator(text: str) -> _Operator:
    quantifier, _, rest = text.rpartition(":")
    name = rest.removesuffix("IfExists")
    if quantifier not in ("", "ForAllValues", "ForAnyValue") or name not in _OPERATORS:
        raise UnknownPolicyElementError(f"condition operator {text}")
    return _OPERATORS[name]._replace(quantifier=quantifier or None, if_exists=rest.endswith("IfExists"))


def _resolve(text: str, request: AccessRequest) -> str | None:
    """Fill in the policy variables; None when one of them has no value, so nothing can match."""
    missing = False

    def value_of(match: re.Match[str]) -> str:
        nonlocal missing
        name = match[1]
        value = name if name in ("*", "?", "$") else request.value_of(name)
        missing = missing or value is None
        return "".join(_LITERALS.get(character, character) for character in value or "")

    resolved = _VARIABLE.sub(value_of, text)
    return None if missing else resolved


def _plain(resolved: str) -> str:
    for character, stand_in in _LITERALS.items():
        resolved = resolved.replace(stand_in, character)
    return resolved


def _matches(pattern: str, actual: str) -> bool:
    return _wildcard(pattern).fullmatch(actual) is not None


@lru_cache(maxsize=4096)
def _wildcard(pattern: str) -> re.Pattern[str]:
    translated = {"*": ".*", "?": "."}
    parts = re.split(r"([*?])", pattern)
    return re.compile("".join(translated.get(part) or re.escape(_plain(part)) for part in parts), re.S)


def _as_list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]
