from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from embedded_aws.calls import Call, CallRefusedError, Principal
from embedded_aws.organizations.features import answer, enabled
from embedded_aws.organizations.organization import Features

MANAGEMENT, DELEGATE, MEMBER = "111122223333", "222233334444", "444455556666"


@dataclass
class OrganizationOfThree:
    organization_id: str = "o-aa111bb222"
    management_account_id: str = MANAGEMENT
    features: Features = field(
        default_factory=lambda: Features(root_credentials_management=False, root_sessions=False)
    )

    def is_member(self, account: str) -> bool:
        return account in (MANAGEMENT, DELEGATE, MEMBER)

    def is_delegated_administrator(self, account: str) -> bool:
        return account == DELEGATE


def _call(operation: str, account: str = MANAGEMENT) -> Call:
    return Call(
        time=datetime(2026, 11, 1, tzinfo=UTC),
        account=account,
        region="us-east-1",
        partition="aws",
        principal=Principal(kind="administrator", account=account, arn="arn"),
        service="iam",
        operation=operation,
        parameters={},
    )


def test_the_management_account_turns_features_on_and_off() -> None:
    organization = OrganizationOfThree()
    answer(_call("EnableOrganizationsRootCredentialsManagement"), organization)
    found = answer(_call("EnableOrganizationsRootSessions"), organization)
    assert found == {
        "OrganizationId": "o-aa111bb222",
        "EnabledFeatures": ["RootCredentialsManagement", "RootSessions"],
    }
    answer(_call("DisableOrganizationsRootCredentialsManagement"), organization)
    assert enabled(organization.features) == ["RootSessions"]


def test_enabling_twice_is_as_good_as_once() -> None:
    organization = OrganizationOfThree()
    for _ in range(2):
        answer(_call("EnableOrganizationsRootSessions"), organization)
    assert organization.features.root_sessions


def test_a_delegate_may_list_and_disable() -> None:
    organization = OrganizationOfThree()
    organization.features.root_sessions = True
    answer(_call("DisableOrganizationsRootSessions", DELEGATE), organization)
    found = answer(_call("ListOrganizationsFeatures", DELEGATE), organization)
    assert found == {"OrganizationId": "o-aa111bb222", "EnabledFeatures": []}


@pytest.mark.parametrize(
    ("operation", "account", "code"),
    [
        ("EnableOrganizationsRootSessions", DELEGATE, "CallerIsNotManagementAccountException"),
        (
            "DisableOrganizationsRootSessions",
            MEMBER,
            "AccountNotManagementOrDelegatedAdministratorException",
        ),
        ("ListOrganizationsFeatures", "999999999999", "OrganizationNotFoundException"),
    ],
)
def test_others_are_refused(operation: str, account: str, code: str) -> None:
    with pytest.raises(CallRefusedError) as refused:
        answer(_call(operation, account), OrganizationOfThree())
    assert refused.value.code == code


def test_other_operations_are_not_its_own() -> None:
    assert answer(_call("ListUsers", MEMBER), OrganizationOfThree()) is None
