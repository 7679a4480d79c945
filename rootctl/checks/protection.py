"""What root sessions stand on: trusted access, both features, and who is the delegated administrator."""

from collections.abc import Iterable

from lambdas.domain.report.checks import SERVICE, Check, CheckName, organization_checks
from lambdas.domain.report.controls import ControlStatus
from rootctl.checks.result import Result, ok, unknown, wrong
from rootctl.checks.surroundings import Surroundings

_ADMINISTRATOR = f"aws organizations {{}}register-delegated-administrator --service-principal {SERVICE}"
_MENDS = {
    CheckName.TRUSTED_ACCESS: f"aws organizations enable-aws-service-access --service-principal {SERVICE}",
    CheckName.ROOT_CREDENTIALS_MANAGEMENT: "aws iam enable-organizations-root-credentials-management",
    CheckName.ROOT_SESSIONS: "aws iam enable-organizations-root-sessions",
}
_ASK_THERE = "rootctl doctor --management-profile NAME"


def trusted_access(surroundings: Surroundings) -> Iterable[Result]:
    """Say whether IAM has trusted access to the organization."""
    yield _judged(surroundings, CheckName.TRUSTED_ACCESS)


def features(surroundings: Surroundings) -> Iterable[Result]:
    """Say whether both features of centralized root access are on."""
    yield _judged(surroundings, CheckName.ROOT_CREDENTIALS_MANAGEMENT)
    yield _judged(surroundings, CheckName.ROOT_SESSIONS)


def delegated_administrator(surroundings: Surroundings) -> Iterable[Result]:
    """Say whether IAM's delegated administrator is the hub's account, and nobody else is."""
    # Without the hub nobody knows who should be.
    surroundings.hub  # noqa: B018 - raises NoHub
    yield _judged(surroundings, CheckName.DELEGATED_ADMINISTRATOR)


def _judged(surroundings: Surroundings, name: CheckName) -> Result:
    hub, management = surroundings.caller.account, surroundings.organization.management_account_id
    found = organization_checks(surroundings.answers, hub=hub, management=management)
    [check] = [each for each in found if each.name is name]
    match check.status:
        case ControlStatus.PASS:
            return ok(check.text)
        case ControlStatus.FAIL:
            return wrong(check.text, mend=f"{_mend(surroundings, check)}  # in the management account")
        case _:
            return unknown(check.text.removeprefix("could not be checked: "), mend=_ASK_THERE)


def _mend(surroundings: Surroundings, check: Check) -> str:
    if check.name is not CheckName.DELEGATED_ADMINISTRATOR:
        return _MENDS[check.name]
    hub, found = surroundings.caller.account, surroundings.answers.delegated_administrators
    registered = found if isinstance(found, frozenset) else frozenset()
    expected = frozenset() if surroundings.is_management_hub else frozenset({hub})
    commands = [
        f"{_ADMINISTRATOR.format('de')} --account-id {each}" for each in sorted(registered - expected)
    ]
    commands += [f"{_ADMINISTRATOR.format('')} --account-id {each}" for each in sorted(expected - registered)]
    return " && ".join(commands)
