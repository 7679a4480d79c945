"""What hardening costs in AWS calls, beside looking the account up, state and outcome."""

from embedded_aws.organizations.organization import Account, RootCredentials
from local.aws import LocalAws
from local.scenarios.scenario import Scenario

NEW = "777788889999"
_ROOT_WORK = {"sts", "iam"}


def _calls_to_harden(aws: LocalAws, root: RootCredentials) -> list[str]:
    Scenario(aws).create_account(Account(id=NEW, name="data-lake", root=root))
    aws.run_until_idle()
    assert not any(aws.posture(NEW).values())
    return [call.operation for call in aws.calls if call.service in _ROOT_WORK]


def test_a_clean_account_costs_exactly_two_calls(aws: LocalAws) -> None:
    assert _calls_to_harden(aws, RootCredentials()) == ["AssumeRoot", "GetAccountSummary"]


def test_a_password_and_one_mfa_device_cost_eight_calls_with_the_read_back(aws: LocalAws) -> None:
    calls = _calls_to_harden(aws, RootCredentials(password=True, mfa_devices=1))

    assert calls == [
        "AssumeRoot",
        "GetAccountSummary",
        "AssumeRoot",
        "ListMFADevices",
        "GetUser",
        "DeleteLoginProfile",
        "DeactivateMFADevice",
        "GetAccountSummary",
    ]


def test_root_sessions_are_short_and_each_has_one_task(aws: LocalAws) -> None:
    _calls_to_harden(aws, RootCredentials(password=True))

    sessions = [call.parameters for call in aws.calls if call.operation == "AssumeRoot"]
    assert [s["TaskPolicyArn"]["arn"].rpartition("/")[2] for s in sessions] == [
        "IAMAuditRootUserCredentials",
        "IAMDeleteRootUserCredentials",
    ]
    assert all(60 <= session["DurationSeconds"] <= 900 for session in sessions)
