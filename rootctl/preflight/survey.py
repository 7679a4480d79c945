"""Every service control policy judged for every account, and the same finding told once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lambdas.adapters.service_control_policies import AttachedPolicy, Member, Organization
from lambdas.domain.accounts import AccountId
from lambdas.domain.policies.service_control_policies import Finding, Level, Policy, RootSessions, Verdict


@dataclass
class SurveyedFinding:
    """A finding with the accounts it holds for, and all targets its policy reaches them by."""

    finding: Finding
    attached_to: dict[str, str] = field(default_factory=dict)
    accounts: list[AccountId] = field(default_factory=list)


@dataclass(frozen=True)
class Survey:
    """What stands in the way of root sessions, the worst first."""

    organization: Organization
    policies: tuple[Policy, ...] = ()
    accounts: int = 0
    findings: tuple[SurveyedFinding, ...] = ()
    are_enabled: bool = True

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
    organization: Organization, policies: Sequence[AttachedPolicy], members: Iterable[Member]
) -> Survey:
    """Judge the policies for each member they reach, and put equal findings together."""
    attached = _by_target(policies)
    names = {target: name for policy in policies for target, name in policy.targets.items()}
    found: dict[Finding, SurveyedFinding] = {}
    judged: set[Policy] = set()
    accounts = 0
    for member in members:
        accounts += 1
        names[member.account_id] = member.name
        levels = [Level(target, tuple(attached.get(target, ()))) for target in member.path]
        judged.update(policy for level in levels for policy in level.policies)
        sessions = RootSessions(member.account_id, organization.organization_id, organization.partition)
        for finding in sessions.judge(levels):
            # One statement is one finding, by however many targets it reaches an account.
            key = finding if finding.statement is None else replace(finding, attached_to=())
            same = found.setdefault(key, SurveyedFinding(key))
            same.attached_to |= {target: names.get(target, target) for target in finding.attached_to}
            same.accounts.append(member.account_id)
    return Survey(
        organization,
        policies=tuple(each.policy for each in policies if each.policy in judged),
        accounts=accounts,
        findings=tuple(sorted(found.values(), key=_worst_first)),
    )


def _worst_first(found: SurveyedFinding) -> int:
    return list(Verdict).index(found.finding.verdict)


def _by_target(policies: Sequence[AttachedPolicy]) -> Mapping[str, list[Policy]]:
    attached: dict[str, list[Policy]] = {}
    for policy in policies:
        for target in policy.targets:
            attached.setdefault(target, []).append(policy.policy)
    return attached
