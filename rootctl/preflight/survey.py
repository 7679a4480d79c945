"""Every policy judged for every account, and the same finding said once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lambdas.adapters.service_control_policies import AttachedPolicy, Member, Organization
from lambdas.domain.accounts import AccountId
from lambdas.domain.policies.service_control_policies import (
    Finding,
    Level,
    Policy,
    RootSessions,
    SessionOpener,
    Verdict,
)

# AWS's limit: service control policies attached to one root, unit or account.
MOST_ATTACHED = 5


@dataclass
class SurveyedFinding:
    """A finding with the accounts it holds for, and all targets its policy reaches them by."""

    finding: Finding
    attached_to: dict[str, str] = field(default_factory=dict)
    accounts: list[AccountId] = field(default_factory=list)


@dataclass(frozen=True)
class Survey:
    """What stands in the way of root sessions, the worst first.

    not_judged: what could not be looked at, in sentences. full: the ids and names of targets that take no
    further service control policy.
    """

    organization: Organization
    policies: tuple[Policy, ...] = ()
    accounts: int = 0
    findings: tuple[SurveyedFinding, ...] = ()
    are_enabled: bool = True
    not_judged: tuple[str, ...] = ()
    full: Mapping[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        """Say whether anything surely blocks."""
        return any(found.finding.verdict is Verdict.BLOCKS for found in self.findings)

    def verdict(self, policy: Policy) -> Verdict:
        """Return the worst verdict on any of a policy's statements."""
        verdicts = {
            found.finding.verdict
            for found in self.findings
            if found.finding.statement and policy in found.finding.policies
        }
        return next((verdict for verdict in Verdict if verdict in verdicts), Verdict.HARMLESS)


def survey(
    organization: Organization,
    policies: Sequence[AttachedPolicy],
    members: Iterable[Member],
    openers: Sequence[Member] = (),
    *,
    are_enabled: bool = True,
) -> Survey:
    """Judge the policies for each member they reach, and put equal findings together.

    openers: the members whose roles open root sessions; judged for that, whichever members are asked for.
    are_enabled: whether service control policies are; where they are not, nothing needs their Allow.
    """
    attached = _by_target(policies)
    names = {target: name for policy in policies for target, name in policy.targets.items()}
    found: dict[Finding, SurveyedFinding] = {}
    judged: set[Policy] = set()
    accounts = 0

    def take(findings: Iterable[Finding], account_id: AccountId) -> None:
        for finding in findings:
            # One statement is one finding, by however many targets it reaches an account.
            key = finding if finding.statement is None else replace(finding, attached_to=())
            same = found.setdefault(key, SurveyedFinding(key))
            same.attached_to |= {target: names.get(target, target) for target in finding.attached_to}
            same.accounts.append(account_id)

    for member in openers:
        names[member.account_id] = member.name
        levels = _levels(member, attached, of_resources=False)
        judged.update(policy for level in levels for policy in level.policies)
        take(SessionOpener(*_place(member, organization)).judge(levels), member.account_id)
    for member in members:
        accounts += 1
        names[member.account_id] = member.name
        levels = _levels(member, attached, of_resources=False)
        of_resources = _levels(member, attached, of_resources=True)
        judged.update(policy for level in (*levels, *of_resources) for policy in level.policies)
        sessions = RootSessions(*_place(member, organization))
        if are_enabled:
            take(sessions.judge(levels), member.account_id)
        take(sessions.judge_resources(of_resources), member.account_id)
    return Survey(
        organization,
        policies=tuple(each.policy for each in policies if each.policy in judged),
        accounts=accounts,
        findings=tuple(sorted(found.values(), key=_worst_first)),
        are_enabled=are_enabled,
        full=_full(attached, names),
    )


def _levels(member: Member, attached: Mapping[str, list[Policy]], *, of_resources: bool) -> list[Level]:
    return [
        Level(target, tuple(p for p in attached.get(target, ()) if p.is_of_resources is of_resources))
        for target in member.path
    ]


def _place(member: Member, organization: Organization) -> tuple[AccountId, str, str, tuple[str, ...]]:
    return member.account_id, organization.organization_id, organization.partition, member.path[:-1]


def _full(attached: Mapping[str, list[Policy]], names: Mapping[str, str]) -> dict[str, str]:
    counts = {target: sum(not each.is_of_resources for each in found) for target, found in attached.items()}
    return {target: names.get(target, target) for target, count in counts.items() if count >= MOST_ATTACHED}


def _worst_first(found: SurveyedFinding) -> int:
    return list(Verdict).index(found.finding.verdict)


def _by_target(policies: Sequence[AttachedPolicy]) -> Mapping[str, list[Policy]]:
    attached: dict[str, list[Policy]] = {}
    for policy in policies:
        for target in policy.targets:
            attached.setdefault(target, []).append(policy.policy)
    return attached
