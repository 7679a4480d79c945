"""Which service control policies stop root sessions.

What a root session calls is known beforehand, so a policy is judged without calling anything. Where a
condition cannot be known beforehand the verdict is "may block" and names it: never a guess. How AWS decides:
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import translate
from functools import lru_cache
from itertools import chain

from lambdas.domain.accounts import AccountId


class Task(StrEnum):
    """What root sessions are opened for."""

    AUDIT = "audit"
    DELETE = "delete"
    PASSWORD_RECOVERY = "password recovery"
    UNLOCK_BUCKET = "unlock bucket"
    UNLOCK_QUEUE = "unlock queue"


_READS = "iam:ListAccessKeys iam:ListSigningCertificates iam:ListMFADevices iam:GetAccessKeyLastUsed"
_DELETES = "iam:DeleteLoginProfile iam:DeleteAccessKey iam:DeleteSigningCertificate iam:DeactivateMFADevice"
_BUCKET = "s3:ListAllMyBuckets s3:GetBucketPolicy s3:PutBucketPolicy s3:DeleteBucketPolicy"
_QUEUE = "sqs:ListQueues sqs:GetQueueUrl sqs:GetQueueAttributes sqs:SetQueueAttributes"
ACTIONS: Mapping[Task, Sequence[str]] = {
    Task.AUDIT: f"iam:GetAccountSummary iam:GetLoginProfile {_READS}".split(),
    Task.DELETE: f"{_READS} {_DELETES}".split(),
    Task.PASSWORD_RECOVERY: ["iam:GetLoginProfile", "iam:CreateLoginProfile"],
    Task.UNLOCK_BUCKET: _BUCKET.split(),
    Task.UNLOCK_QUEUE: _QUEUE.split(),
}
_WITHOUT_RESOURCE = ("iam:GetAccountSummary", "s3:ListAllMyBuckets", "sqs:ListQueues")
# IAM is called here, wherever its caller is.
IAM_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
# Stands for what nobody knows beforehand.
_UNKNOWN = "\0" * 99
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class Verdict(StrEnum):
    """What a policy means for root sessions, the worst first."""

    BLOCKS = "blocks"
    MAY_BLOCK = "may block"
    HARMLESS = "harmless"


@dataclass(frozen=True)
class Condition:
    """One operator on one key."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement. label: its Sid, or its place where it has none; not_…: in the element's Not… form."""

    label: str
    allows: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Policy:
    """A service control policy."""

    policy_id: str
    name: str
    statements: tuple[Statement, ...] = field(hash=False)


@dataclass(frozen=True)
class Level:
    """A root, organizational unit or account, and the policies attached to it."""

    target_id: str
    policies: tuple[Policy, ...]


@dataclass(frozen=True)
class Finding:
    """What stands in the way of root sessions.

    statement is None where nothing at a level allows the actions; policies are then all of that level's.
    depends_on: the conditions that decide and cannot be judged beforehand; where there are none, it blocks.
    """

    policies: tuple[Policy, ...]
    statement: Statement | None
    attached_to: tuple[str, ...]
    actions: tuple[str, ...]
    depends_on: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """Say how sure it is."""
        return Verdict.MAY_BLOCK if self.depends_on else Verdict.BLOCKS

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Return the tasks that need one of the actions."""
        return tuple(task for task, needed in ACTIONS.items() if not set(needed).isdisjoint(self.actions))


# None where an answer cannot be known beforehand.
_Answer = bool | None
# The conditions on which it depends whether something happens; empty: it does, None: it does not.
_Hit = frozenset[str] | None


@dataclass(frozen=True)
class RootSessions:
    """The root sessions to be opened in one account."""

    account_id: AccountId
    organization_id: str
    partition: str

    def judge(self, levels: Sequence[Level]) -> Iterator[Finding]:
        """Find what stands in the way. levels: the root's, each organizational unit's, the account's."""
        calls = [self._call(action) for action in dict.fromkeys(chain(*ACTIONS.values()))]
        for policy in dict.fromkeys(policy for level in levels for policy in level.policies):
            attached_to = tuple(level.target_id for level in levels if policy in level.policies)
            for statement in policy.statements:
                if not statement.allows:
                    denied = _outcomes({call.action: call.hit_by(statement) for call in calls})
                    yield from (Finding((policy,), statement, attached_to, *found) for found in denied)
        for level in levels:
            missing = _outcomes({call.action: call.is_missing_in(level) for call in calls})
            yield from (Finding(level.policies, None, (level.target_id,), *found) for found in missing)

    def _call(self, action: str) -> "_Call":
        account, service = self.account_id, action.partition(":")[0]
        name = {"iam": f":{account}:root", "s3": f"::{_UNKNOWN}", "sqs": f"{_UNKNOWN}:{account}:{_UNKNOWN}"}
        resource = f"arn:{self.partition}:{service}:{name[service]}"
        context = {
            "aws:principalarn": f"arn:{self.partition}:iam::{account}:root",
            **dict.fromkeys(("aws:assumedroot", "aws:securetransport"), "true"),
            **dict.fromkeys(("aws:principalisawsservice", "aws:viaawsservice"), "false"),
            **dict.fromkeys(("aws:principalaccount", "aws:resourceaccount"), account),
            **dict.fromkeys(("aws:principalorgid", "aws:resourceorgid"), self.organization_id),
        }
        if service == "iam" and self.partition in IAM_REGIONS:
            context["aws:requestedregion"] = IAM_REGIONS[self.partition]
        return _Call(action, "*" if action in _WITHOUT_RESOURCE else resource, context)


def _outcomes(hits: Mapping[str, _Hit]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Put the actions together that depend on the same."""
    for depends_on in sorted({tuple(sorted(hit)) for hit in hits.values() if hit is not None}):
        yield tuple(action for action, hit in hits.items() if hit == frozenset(depends_on)), depends_on


@dataclass(frozen=True)
class _Call:
    """A call in a root session. context: its condition keys in lower case; others are unknown."""

    action: str
    resource: str
    context: Mapping[str, str]

    def is_missing_in(self, level: Level) -> _Hit:
        """Say whether nothing at a level allows the call."""
        statements = chain(*(policy.statements for policy in level.policies))
        hits = [self.hit_by(statement) for statement in statements if statement.allows]
        return None if frozenset() in hits else frozenset(chain(*filter(None, hits)))

    def hit_by(self, statement: Statement) -> _Hit:
        """Say whether a statement applies to the call."""
        named = any(_like(value.lower(), self.action.lower()) for value in statement.actions)
        if named is statement.not_actions:
            return None
        answers = [(condition.key, self._meets(condition)) for condition in statement.conditions]
        found = _any(self._is_resource(pattern) for pattern in statement.resources)
        answers.append(("Resource", found if found is None else found is not statement.not_resources))
        if any(answer is False for _, answer in answers):
            return None
        return frozenset(name for name, answer in answers if answer is None)

    def _is_resource(self, pattern: str) -> _Answer:
        if _like(pattern, self.resource):
            return True
        known = self.resource.partition(_UNKNOWN)[0]
        literal = re.split(r"[*?]|\$\{", pattern)[0]
        may_be = known != self.resource and (literal.startswith(known) or known.startswith(literal))
        return None if may_be else False

    def _meets(self, condition: Condition) -> _Answer:
        key = condition.key.lower()
        quantifier, _, base = condition.operator.rpartition(":")
        name = base.removesuffix("IfExists")
        compare = _COMPARISONS.get(name.replace("Not", ""))
        # Root users carry no tags, and root sessions take none along.
        is_absent = key.startswith("aws:principaltag/")
        if compare is None or (key not in self.context and not is_absent):
            return None
        if name == "Null":
            return is_absent in [value.lower() == "true" for value in condition.values]
        if is_absent:
            return base != name or quantifier == "ForAllValues" or (not quantifier and "Not" in name)
        filled = [_VARIABLE.sub(self._value_of, value) for value in condition.values]
        met = _any(None if _UNKNOWN in want else compare(want, self.context[key]) for want in filled)
        return met if met is None else met is not ("Not" in name)

    def _value_of(self, variable: re.Match[str]) -> str:
        return self.context.get(variable[1].lower(), _UNKNOWN)


def _any(answers: Iterable[_Answer]) -> _Answer:
    found = set(answers)
    return True if True in found else None if None in found else False


@lru_cache(maxsize=4096)
def _like(pattern: str, actual: str) -> bool:
    # A policy's patterns know * and ? only; "[" is nothing special to them.
    return re.match(translate(pattern.replace("[", "[[]")), actual) is not None


def _arn_like(pattern: str, actual: str) -> _Answer:
    patterns, parts = pattern.split(":", 5), actual.split(":", 5)
    return all(map(_like, patterns, parts)) if len(patterns) == len(parts) else None


_COMPARISONS: Mapping[str, Callable[[str, str], _Answer]] = {
    "StringEquals": operator.eq,
    "StringEqualsIgnoreCase": lambda wanted, actual: wanted.lower() == actual.lower(),
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Null": operator.eq,
    "Bool": lambda wanted, actual: wanted.lower() == actual.lower(),
}
