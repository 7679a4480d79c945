"""Which service and resource control policies stop root sessions.

What a root session calls is known beforehand, so a policy is judged without calling anything. Where a
condition cannot be known beforehand the verdict is "may block" and names it: never a guess. How AWS decides:
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

from rootwarden.events import AccountId
from rootwarden.policies.statements import UNKNOWN, Call, Hit, Statement
from rootwarden.root_credentials import CredentialKind


class Task(StrEnum):
    """What root sessions are opened for; before that, the opening itself, in the account that opens them."""

    OPEN_SESSIONS = "open sessions"
    AUDIT = "audit"
    DELETE = "delete"
    PASSWORD_RECOVERY = "password recovery"
    UNLOCK_BUCKET = "unlock bucket"
    UNLOCK_QUEUE = "unlock queue"


# What each kind takes to be removed; what AWS's task policies allow besides, nothing here calls.
_REMOVING = {
    CredentialKind.PASSWORD: "iam:DeleteLoginProfile",
    CredentialKind.ACCESS_KEY: "iam:ListAccessKeys iam:GetAccessKeyLastUsed iam:DeleteAccessKey",
    CredentialKind.SIGNING_CERTIFICATE: "iam:ListSigningCertificates iam:DeleteSigningCertificate",
    CredentialKind.MFA_DEVICE: "iam:ListMFADevices iam:DeactivateMFADevice",
}
_BUCKET = "s3:ListAllMyBuckets s3:GetBucketPolicy s3:PutBucketPolicy s3:DeleteBucketPolicy"
_QUEUE = "sqs:ListQueues sqs:GetQueueUrl sqs:GetQueueAttributes sqs:SetQueueAttributes"
ACTIONS: Mapping[Task, Sequence[str]] = {
    Task.OPEN_SESSIONS: ["sts:AssumeRoot"],
    Task.AUDIT: ["iam:GetAccountSummary"],
    Task.DELETE: " ".join(_REMOVING.values()).split(),
    Task.PASSWORD_RECOVERY: ["iam:CreateLoginProfile"],
    Task.UNLOCK_BUCKET: _BUCKET.split(),
    Task.UNLOCK_QUEUE: _QUEUE.split(),
}
_IN_SESSIONS = [
    action for task, needed in ACTIONS.items() if task is not Task.OPEN_SESSIONS for action in needed
]
# Of these services resource control policies are judged; IAM has none.
_OF_RESOURCES = ("s3:", "sqs:")
_WITHOUT_RESOURCE = ("iam:GetAccountSummary", "s3:ListAllMyBuckets", "sqs:ListQueues")
# IAM is called here, wherever its caller is.
IAM_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


class BlockVerdict(StrEnum):
    """What a policy means for root sessions, the worst first."""

    BLOCKS = "blocks"
    MAY_BLOCK = "may block"
    HARMLESS = "harmless"


@dataclass(frozen=True)
class Policy:
    """A service control policy, or one of resources."""

    policy_id: str
    name: str
    statements: tuple[Statement, ...] = field(hash=False)
    is_of_resources: bool = False


@dataclass(frozen=True)
class Level:
    """A root, organizational unit or account, and the policies attached to it."""

    target_id: str
    policies: tuple[Policy, ...]


@dataclass(frozen=True)
class PolicyFinding:
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
    def verdict(self) -> BlockVerdict:
        """Say how sure it is."""
        return BlockVerdict.MAY_BLOCK if self.depends_on else BlockVerdict.BLOCKS

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Return the tasks that need one of the actions."""
        return tuple(task for task, needed in ACTIONS.items() if not set(needed).isdisjoint(self.actions))

    @property
    def kinds(self) -> tuple[CredentialKind, ...]:
        """Return the kinds of root credentials that cannot be removed, or not surely."""
        return tuple(
            kind for kind, needed in _REMOVING.items() if not set(needed.split()).isdisjoint(self.actions)
        )


@dataclass(frozen=True)
class MemberRootCalls:
    """The root sessions to be opened in one account. path: its root and units, None where not known."""

    account_id: AccountId
    organization_id: str
    partition: str
    path: tuple[str, ...] | None = None

    def judge(self, levels: Sequence[Level]) -> Iterator[PolicyFinding]:
        """Find what stands in the way. levels: the root's, each organizational unit's, the account's."""
        yield from _judged([self._call(action) for action in dict.fromkeys(_IN_SESSIONS)], levels)

    def judge_resources(self, levels: Sequence[Level]) -> Iterator[PolicyFinding]:
        """Find which resource control policies stand in the way, with their levels."""
        calls = [self._call(action) for action in _IN_SESSIONS if action.startswith(_OF_RESOURCES)]
        yield from _denials(calls, levels)

    def _call(self, action: str) -> Call:
        account, service = self.account_id, action.partition(":")[0]
        name = {"iam": f":{account}:root", "s3": f"::{UNKNOWN}", "sqs": f"{UNKNOWN}:{account}:{UNKNOWN}"}
        resource = f"arn:{self.partition}:{service}:{name[service]}"
        context = {
            "aws:principalarn": f"arn:{self.partition}:iam::{account}:root",
            "aws:assumedroot": "true",
            **dict.fromkeys(("aws:principalaccount", "aws:resourceaccount"), account),
            **_anywhere(self.organization_id),
            **_placed(self.organization_id, self.path, "aws:principalorgpaths", "aws:resourceorgpaths"),
        }
        if service == "iam" and self.partition in IAM_REGIONS:
            context["aws:requestedregion"] = IAM_REGIONS[self.partition]
        # Root users carry no tags, and root sessions take none along.
        return Call(
            action=action,
            resource="*" if action in _WITHOUT_RESOURCE else resource,
            context=context,
            absent=("aws:principaltag/",),
        )


@dataclass(frozen=True)
class SessionOpener:
    """A member account whose roles open the root sessions in all others; see RootSessions."""

    account_id: AccountId
    organization_id: str
    partition: str
    path: tuple[str, ...] | None = None

    def judge(self, levels: Sequence[Level]) -> Iterator[PolicyFinding]:
        """Find what keeps its roles from opening sessions."""
        context = {
            "aws:principalarn": f"arn:{self.partition}:iam::{self.account_id}:role/{UNKNOWN}",
            "aws:principaltype": "AssumedRole",
            "aws:principalaccount": self.account_id,
            **_anywhere(self.organization_id),
            **_placed(self.organization_id, self.path, "aws:principalorgpaths"),
        }
        resource = f"arn:{self.partition}:iam::{UNKNOWN}:root"
        calls = [
            Call(action=action, resource=resource, context=context, absent=("aws:assumedroot",))
            for action in ACTIONS[Task.OPEN_SESSIONS]
        ]
        yield from _judged(calls, levels)


def _anywhere(organization_id: str) -> dict[str, str]:
    return {
        "aws:securetransport": "true",
        **dict.fromkeys(("aws:principalisawsservice", "aws:viaawsservice"), "false"),
        **dict.fromkeys(("aws:principalorgid", "aws:resourceorgid"), organization_id),
    }


def _placed(organization_id: str, path: tuple[str, ...] | None, *keys: str) -> dict[str, str]:
    return {} if path is None else dict.fromkeys(keys, f"{'/'.join((organization_id, *path))}/")


def _judged(calls: Sequence[Call], levels: Sequence[Level]) -> Iterator[PolicyFinding]:
    yield from _denials(calls, levels)
    for level in levels:
        missing = _outcomes({call.action: _is_missing(call, level) for call in calls})
        yield from (PolicyFinding(level.policies, None, (level.target_id,), *found) for found in missing)


def _denials(calls: Sequence[Call], levels: Sequence[Level]) -> Iterator[PolicyFinding]:
    for policy in dict.fromkeys(policy for level in levels for policy in level.policies):
        attached_to = tuple(level.target_id for level in levels if policy in level.policies)
        for statement in policy.statements:
            if not statement.allows:
                denied = _outcomes({call.action: call.hit_by(statement) for call in calls})
                yield from (PolicyFinding((policy,), statement, attached_to, *found) for found in denied)


def _outcomes(hits: Mapping[str, Hit]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Put the actions together that depend on the same."""
    for depends_on in sorted({tuple(sorted(hit)) for hit in hits.values() if hit is not None}):
        yield tuple(action for action, hit in hits.items() if hit == frozenset(depends_on)), depends_on


def _is_missing(call: Call, level: Level) -> Hit:
    """Say whether nothing at a level allows the call."""
    statements = chain(*(policy.statements for policy in level.policies))
    hits = [call.hit_by(statement) for statement in statements if statement.allows]
    return None if frozenset() in hits else frozenset(chain(*filter(None, hits)))


_KIND = r"(service|resource) control policy"
_REFUSED = re.compile(rf"(?:with an explicit deny in a|because no) {_KIND}\b", re.IGNORECASE)


def advice(message: str) -> str | None:
    """Say what to do about AWS's message, None where no policy of the organization refused the call."""
    found = _REFUSED.search(message)
    if found is None:
        return None
    return (
        f"A {found[1].lower()} control policy refused it: other credentials change nothing."
        " rootctl preflight names the policy, and what to change in it."
    )
