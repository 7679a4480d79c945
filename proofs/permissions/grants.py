"""What a role may do, taken apart: one action on one resource under one value of each condition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from embedded_aws.iam.policy_evaluation import AccessRequest, Decision, Statement, evaluate
from proofs.permissions.deployed import Role

# Of several values of such a condition one is enough: each is a permission of its own.
_ANY_OF = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")


@dataclass(frozen=True, kw_only=True)
class Grant:
    """The smallest thing a role may do that a policy can name."""

    role: Role
    action: str
    resource: str
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    @property
    def statement(self) -> Statement:
        """Return it as a policy statement."""
        conditions: dict[str, dict[str, list[str]]] = {}
        for operator, key, values in self.conditions:
            conditions.setdefault(operator, {})[key] = list(values)
        return {
            "Effect": "Allow",
            "Action": self.action,
            "Resource": self.resource,
            **({"Condition": conditions} if conditions else {}),
        }

    def allows(self, request: AccessRequest) -> bool:
        """Say whether this alone would allow a call."""
        return evaluate([self.statement], request) is Decision.ALLOWED


def grants_of(role: Role) -> list[Grant]:
    """Return every grant of a role once; what denies grants nothing."""
    found = (
        grant
        for statement in role.statements
        if statement["Effect"] == "Allow"
        for grant in _taken_apart(role, statement)
    )
    return list(dict.fromkeys(found))


def _taken_apart(role: Role, statement: Statement) -> Iterator[Grant]:
    if "Action" not in statement or "Resource" not in statement:
        raise ValueError(f"{role.name} has a statement about all but some things: {statement}")
    conditions = [
        [(operator, key, (value,)) for value in values]
        if operator in _ANY_OF
        else [(operator, key, tuple(values))]
        for operator, keys in statement.get("Condition", {}).items()
        for key, given in keys.items()
        for values in [_listed(given)]
    ]
    for action, resource, *chosen in product(
        _listed(statement["Action"]), _listed(statement["Resource"]), *conditions
    ):
        yield Grant(role=role, action=action, resource=resource, conditions=tuple(chosen))


def _listed(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else [str(each) for each in value]
