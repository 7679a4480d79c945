"""Every policy judged for every account, and the same finding said once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rootwarden.aws.organizations import Organization
from rootwarden.aws.service_control_policies import AttachedPolicy, Member
from rootwarden.events import AccountId
from rootwarden.policies.service_control_policies import (
    ACTIONS,
    IAM_REGIONS,
    BlockVerdict,
    Level,
    MemberRootCalls,
    Policy,
    PolicyFinding,
    SessionOpener,
    Task,
)
from rootwarden.policies.statements import Statement

# AWS's limit: service control policies attached to one root, unit or account; five until 15 May 2026.
MOST_ATTACHED = 10


@dataclass
class SurveyedFinding:
    """A finding with the accounts it holds for, and all targets its policy reaches them by."""

    finding: PolicyFinding
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
        return any(found.finding.verdict is BlockVerdict.BLOCKS for found in self.findings)

    def verdict(self, policy: Policy) -> BlockVerdict:
        """Return the worst verdict on any of a policy's statements."""
        verdicts = {
            found.finding.verdict
            for found in self.findings
            if found.finding.statement and policy in found.finding.policies
        }
        return next((verdict for verdict in BlockVerdict if verdict in verdicts), BlockVerdict.HARMLESS)


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
    surveyor = _Surveyor(organization, policies)
    for member in openers:
        surveyor.judge_opener(member)
    accounts = 0
    for member in members:
        accounts += 1
        surveyor.judge_member(member, are_enabled=are_enabled)
    return Survey(
        organization,
        policies=tuple(each.policy for each in policies if each.policy in surveyor.judged),
        accounts=accounts,
        findings=tuple(sorted(surveyor.found.values(), key=_worst_first)),
        are_enabled=are_enabled,
        full=_full(surveyor.attached, surveyor.names),
    )


class _Surveyor:
    """Judges one member after the other. judged: the policies that reach one. names: of targets, by id."""

    def __init__(self, organization: Organization, policies: Sequence[AttachedPolicy]) -> None:
        self.organization = organization
        self.attached = _by_target(policies)
        self.names = {target: name for policy in policies for target, name in policy.targets.items()}
        self.found: dict[PolicyFinding, SurveyedFinding] = {}
        self.judged: set[Policy] = set()

    def judge_opener(self, member: Member) -> None:
        """Judge whether the member's roles may open root sessions."""
        levels = self._reaching(member, of_resources=False)
        self._take(SessionOpener(*_place(member, self.organization)).judge(levels), member)

    def judge_member(self, member: Member, *, are_enabled: bool) -> None:
        """Judge what root sessions may do in the member."""
        levels = self._reaching(member, of_resources=False)
        of_resources = self._reaching(member, of_resources=True)
        sessions = MemberRootCalls(*_place(member, self.organization))
        if are_enabled:
            self._take(sessions.judge(levels), member)
        self._take(sessions.judge_resources(of_resources), member)

    def _reaching(self, member: Member, *, of_resources: bool) -> list[Level]:
        levels = _levels(member, self.attached, of_resources=of_resources)
        self.judged.update(policy for level in levels for policy in level.policies)
        return levels

    def _take(self, findings: Iterable[PolicyFinding], member: Member) -> None:
        self.names[member.account_id] = member.name
        for finding in findings:
            # One statement is one finding, by however many targets it reaches an account.
            key = finding if finding.statement is None else replace(finding, attached_to=())
            same = self.found.setdefault(key, SurveyedFinding(key))
            same.attached_to |= {target: self.names.get(target, target) for target in finding.attached_to}
            same.accounts.append(member.account_id)


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
    return list(BlockVerdict).index(found.finding.verdict)


def _by_target(policies: Sequence[AttachedPolicy]) -> Mapping[str, list[Policy]]:
    attached: dict[str, list[Policy]] = {}
    for policy in policies:
        for target in policy.targets:
            attached.setdefault(target, []).append(policy.policy)
    return attached


_EXEMPTION = '"Null": {"aws:AssumedRoot": "true"}'
_HUB_ROLES = '"ArnNotLike": {"aws:PrincipalArn": "arn:*:iam::*:role/*RootWardenHub-*"}'
_REGION = "aws:requestedregion"
_FEW_ACTIONS = 3


def remedy(finding: PolicyFinding, partition: str) -> str:
    """Say what to change for a finding."""
    if finding.statement is None:
        return _allow(finding)
    if finding.policies[0].name.startswith("aws-guardrails-"):
        return _in_control_tower(finding.statement, finding.verdict)
    return _in_a_policy(finding, finding.statement, partition)


def _in_a_policy(finding: PolicyFinding, statement: Statement, partition: str) -> str:
    exempt = _exempt(finding, statement)
    keys = {key.lower() for key in finding.depends_on}
    if keys == {_REGION}:
        return f"Works in the Regions this statement leaves alone. For the others: {exempt}"
    if keys:
        return f"Depends on {', '.join(finding.depends_on)}. To be sure: {exempt}"
    if statement.not_actions:
        missing = f"add {_listed(finding)} to its NotAction, or {exempt}"
        if _is_about(statement, _REGION) and Task.OPEN_SESSIONS not in finding.tasks:
            return f"IAM is called in {IAM_REGIONS.get(partition, 'one Region only')}: {missing}"
        return missing[0].upper() + missing[1:]
    return exempt[0].upper() + exempt[1:]


def _listed(finding: PolicyFinding) -> str:
    """Name what a NotAction lacks: a service where it lacks all of it that is called, else each action."""
    called = {action for needed in ACTIONS.values() for action in needed}
    names = []
    for service in dict.fromkeys(action.partition(":")[0] for action in finding.actions):
        lacking = [action for action in finding.actions if action.startswith(f"{service}:")]
        is_whole = service != "sts" and {a for a in called if a.startswith(f"{service}:")} == set(lacking)
        names += [f"{service}:*"] if is_whole else lacking
    return ", ".join(f'"{name}"' for name in names)


def _exempt(finding: PolicyFinding, statement: Statement) -> str:
    if Task.OPEN_SESSIONS in finding.tasks:
        return (
            "leave it to the hub's roles, because this stops every root session: add"
            f" {_HUB_ROLES} to its Condition."
        )
    if _is_about(statement, "aws:assumedroot"):
        # Turned round it would deny to everybody else what it now denies to root sessions.
        return (
            "remove this statement, or detach the policy: it is aimed at root sessions, and at nothing else."
        )
    if any(condition.operator == "Null" for condition in statement.conditions):
        return 'add "aws:AssumedRoot": "true" to the "Null" of its Condition.'
    return f"add {_EXEMPTION} to its Condition."


def _in_control_tower(statement: Statement, verdict: BlockVerdict) -> str:
    owned = "The policy belongs to Control Tower: leave it as it is. "
    if statement.label.upper() == "GRRESTRICTROOTUSER":
        return (
            f"{owned}Update its control AWS-GR_RESTRICT_ROOT_USER with the parameter ExemptAssumeRoot = true."
        )
    if verdict is BlockVerdict.MAY_BLOCK and _is_about(statement, _REGION):
        return (
            "Works in the Regions this statement leaves alone. For the others: give the actions to its"
            " control's parameter ExemptedActions, in Control Tower."
        )
    return f"{owned}Exempt these actions by the parameters of its control, or disable the control there."


def _allow(finding: PolicyFinding) -> str:
    some = ", ".join(finding.actions[:_FEW_ACTIONS])
    more = len(finding.actions) - _FEW_ACTIONS
    actions = f"{some} and {more} more actions" if more > 0 else some
    if finding.depends_on:
        return f"Whether {actions} are allowed depends on {', '.join(finding.depends_on)}: allow them always."
    return f"Nothing here allows {actions}: attach FullAWSAccess, or allow them in a policy attached here."


def _is_about(statement: Statement, key: str) -> bool:
    return any(condition.key.lower() == key for condition in statement.conditions)
