"""Whether the organization lets the hub open root sessions: IAM's features, and policies."""

from collections.abc import Iterable

from rootctl.checks.context import ASK_THERE, DoctorContext, Result, ok, unknown, wrong
from rootctl.commands.preflight import survey_policies
from rootctl.output import counted
from rootctl.policy_survey import Survey, SurveyedFinding, remedy
from rootwarden.aws.service_control_policies import MalformedPolicy
from rootwarden.messages.commands import SWITCH_ON
from rootwarden.policies.service_control_policies import BlockVerdict
from rootwarden.report.checks import SERVICE, Check, CheckName, organization_checks
from rootwarden.report.controls import ControlStatus

_ADMINISTRATOR = f"aws organizations {{}}register-delegated-administrator --service-principal {SERVICE}"


def trusted_access(context: DoctorContext) -> Iterable[Result]:
    """Say whether IAM has trusted access to the organization."""
    yield _judged(context, CheckName.TRUSTED_ACCESS)


def features(context: DoctorContext) -> Iterable[Result]:
    """Say whether both features of centralized root access are on."""
    yield _judged(context, CheckName.ROOT_CREDENTIALS_MANAGEMENT)
    yield _judged(context, CheckName.ROOT_SESSIONS)


def delegated_administrator(context: DoctorContext) -> Iterable[Result]:
    """Say whether IAM's delegated administrator is the hub's account, and no other is."""
    # Without the hub it is not known who should be.
    context.hub  # noqa: B018 - raises NoHub
    yield _judged(context, CheckName.DELEGATED_ADMINISTRATOR)


def _judged(context: DoctorContext, name: CheckName) -> Result:
    hub, management = context.caller.account, context.organization.management_account_id
    found = organization_checks(context.answers, hub=hub, management=management)
    [check] = [each for each in found if each.name is name]
    match check.status:
        case ControlStatus.PASS:
            return ok(check.text)
        case ControlStatus.FAIL:
            text = f"{check.text}. The command takes credentials of the management account"
            return wrong(text, remedy=_protection_remedy(context, check))
        case _:
            return unknown(check.text.removeprefix("could not be checked: "), remedy=ASK_THERE)


def _protection_remedy(context: DoctorContext, check: Check) -> str:
    if check.name is not CheckName.DELEGATED_ADMINISTRATOR:
        return SWITCH_ON[check.name]
    hub, found = context.caller.account, context.answers.delegated_administrators
    registered = found if isinstance(found, frozenset) else frozenset()
    expected = frozenset() if context.is_management_hub else frozenset({hub})
    commands = [
        f"{_ADMINISTRATOR.format('de')} --account-id {each}" for each in sorted(registered - expected)
    ]
    commands += [f"{_ADMINISTRATOR.format('')} --account-id {each}" for each in sorted(expected - registered)]
    return " && ".join(commands)


def blocking_policies(context: DoctorContext) -> Iterable[Result]:
    """Name every policy that surely blocks, and the change after which it does not."""
    try:
        survey = survey_policies(context.policies, (), hub=context.caller.account)
    except MalformedPolicy as malformed:
        yield unknown(str(malformed), remedy="Correct that policy first.")
        return
    blocking = [each for each in survey.findings if each.finding.verdict is BlockVerdict.BLOCKS]
    for each in blocking:
        yield wrong(_said(each), remedy=remedy(each.finding, survey.organization.partition))
    for not_judged in survey.not_judged:
        yield unknown(not_judged, remedy="Allow organizations:List* and Describe* to your credentials.")
    if not blocking and not survey.not_judged:
        yield ok(_summary(survey))


def _said(found: SurveyedFinding) -> str:
    finding = found.finding
    policies = ", ".join(policy.name for policy in finding.policies) or "no policy"
    statement = f"{policies}: {finding.statement.label}" if finding.statement else f"{policies} allows them"
    return f"{statement} blocks {', '.join(finding.tasks)} in {counted(len(found.accounts), 'account')}"


def _summary(survey: Survey) -> str:
    if not survey.policies:
        return "no service or resource control policies are in use"
    may = sum(each.finding.verdict is BlockVerdict.MAY_BLOCK for each in survey.findings)
    besides = f"; {may} may, which rootctl preflight shows" if may else ""
    return f"no policy surely blocks root sessions in {survey.accounts} accounts{besides}"
