"""Policies of the organization that keep root sessions from being opened, or from what they are for."""

from collections.abc import Iterable

from rootctl.checks.surroundings import Result, Surroundings, ok, unknown, wrong
from rootctl.commands.preflight import survey_policies
from rootctl.policy_survey import Survey, SurveyedFinding, remedy
from rootwarden.aws.service_control_policies import MalformedPolicy
from rootwarden.policies.service_control_policies import Verdict


def blocking_policies(surroundings: Surroundings) -> Iterable[Result]:
    """Name every policy that surely blocks, and the change after which it does not."""
    try:
        survey = survey_policies(surroundings.policies, ())
    except MalformedPolicy as malformed:
        yield unknown(str(malformed), mend="Correct that policy first.")
        return
    blocking = [each for each in survey.findings if each.finding.verdict is Verdict.BLOCKS]
    for each in blocking:
        yield wrong(_told(each), mend=remedy(each.finding, survey.organization.partition))
    for not_judged in survey.not_judged:
        yield unknown(not_judged, mend="Allow organizations:List* and Describe* to your credentials.")
    if not blocking and not survey.not_judged:
        yield ok(_summary(survey))


def _told(found: SurveyedFinding) -> str:
    finding = found.finding
    policies = ", ".join(policy.name for policy in finding.policies) or "no policy"
    statement = f"{policies}: {finding.statement.label}" if finding.statement else f"{policies} allows them"
    return f"{statement} blocks {', '.join(finding.tasks)} in {len(found.accounts)} accounts"


def _summary(survey: Survey) -> str:
    if not survey.policies:
        return "no service or resource control policies are in use"
    may = sum(each.finding.verdict is Verdict.MAY_BLOCK for each in survey.findings)
    besides = f"; {may} may, which rootctl preflight shows" if may else ""
    return f"no policy surely blocks root sessions in {survey.accounts} accounts{besides}"
