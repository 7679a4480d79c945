from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded_aws.extensions import Extensions
from embedded_aws.organizations.organization import IAM, Account, Features, Organization
from tests.embedded_aws.calling import client
from tests.embedded_aws.templates import HUB, MANAGEMENT, MEMBER, ORGANIZATION_ID
from tests.stage import START

CLOSED = "555566667777"
ORGANIZATION = Organization(
    organization_id=ORGANIZATION_ID,
    management_account=Account(id=MANAGEMENT, name="management"),
    accounts=(
        Account(id=HUB, name="security"),
        Account(id=MEMBER, name="payments", organizational_unit="ou-ab12-11111111"),
        Account(id=CLOSED, name="old", state="CLOSED"),
        *(Account(id=f"7777000000{n}", name=f"team-{n}") for n in range(10, 40)),
    ),
    features=Features(trusted_access=False),
)


def _client(extensions: Extensions, account: str = MANAGEMENT) -> Any:
    return client("organizations", extensions.administrator(account))


def _with_delegate(extensions: Extensions) -> Any:
    organizations = _client(extensions)
    organizations.enable_aws_service_access(ServicePrincipal=IAM)
    organizations.register_delegated_administrator(AccountId=HUB, ServicePrincipal=IAM)
    return organizations


def test_an_account_is_described_with_state_and_path(extensions: Extensions) -> None:
    organizations = _client(extensions)
    account = organizations.describe_account(AccountId=MEMBER)["Account"]
    assert (account["Name"], account["State"], account["Status"]) == ("payments", "ACTIVE", "ACTIVE")
    assert account["Paths"] == [f"o-aa111bb222/r-ab12/ou-ab12-11111111/{MEMBER}/"]
    assert organizations.describe_account(AccountId=CLOSED)["Account"]["State"] == "CLOSED"
    assert organizations.describe_account(AccountId=CLOSED)["Account"]["Status"] == "SUSPENDED"


def test_every_account_is_listed_once_in_pages(extensions: Extensions) -> None:
    pages = list(_client(extensions).get_paginator("list_accounts").paginate())
    ids = [account["Id"] for page in pages for account in page["Accounts"]]
    assert [len(page["Accounts"]) for page in pages] == [20, 14]
    assert len(set(ids)) == len(ids) == 34


def test_an_account_may_have_joined_long_ago(extensions: Extensions) -> None:
    extensions.state.join(Account(id="888899990000", name="veteran", joined_days_ago=400))
    organizations = _client(extensions, MANAGEMENT)
    joined = organizations.describe_account(AccountId="888899990000")["Account"]["JoinedTimestamp"]
    assert (START - joined).days == 400


def test_accounts_join_and_leave(extensions: Extensions) -> None:
    organizations = _client(extensions)
    joining = Account(id="888888888888", name="acquired", organizational_unit="ou-ab12-11111111")
    extensions.state.join(joining, joined_method="INVITED")
    assert organizations.describe_account(AccountId=joining.id)["Account"]["JoinedMethod"] == "INVITED"
    unit = organizations.list_accounts_for_parent(ParentId="ou-ab12-11111111")["Accounts"]
    assert [account["Id"] for account in unit] == [MEMBER, joining.id]
    extensions.state.leave(joining.id)
    with pytest.raises(ClientError, match="AccountNotFoundException"):
        organizations.describe_account(AccountId=joining.id)


def test_a_delegate_reads_but_does_not_write(extensions: Extensions) -> None:
    _with_delegate(extensions)
    hub = _client(extensions, HUB)
    assert hub.describe_account(AccountId=MEMBER)["Account"]["Name"] == "payments"
    delegates = hub.list_delegated_administrators(ServicePrincipal=IAM)["DelegatedAdministrators"]
    assert [delegate["Id"] for delegate in delegates] == [HUB]
    with pytest.raises(ClientError, match="AccessDeniedException"):
        hub.close_account(AccountId=MEMBER)


@pytest.mark.parametrize(
    ("account", "code"),
    [(MEMBER, "AccessDeniedException"), ("999999999999", "AWSOrganizationsNotInUseException")],
)
def test_others_are_refused(extensions: Extensions, account: str, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        _client(extensions, account).list_accounts()
    assert refused.value.response["Error"]["Code"] == code


def test_a_stranger_has_no_features(extensions: Extensions) -> None:
    with pytest.raises(ClientError, match="OrganizationNotFoundException"):
        client("iam", extensions.administrator("999999999999")).list_organizations_features()


def test_a_member_may_ask_which_organization_it_is_in(extensions: Extensions) -> None:
    organization = _client(extensions, MEMBER).describe_organization()["Organization"]
    assert (organization["Id"], organization["MasterAccountId"]) == ("o-aa111bb222", MANAGEMENT)


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (HUB, "SERVICE_ACCESS_NOT_ENABLED"),
        (MANAGEMENT, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"),
    ],
)
def test_who_cannot_be_delegated(extensions: Extensions, account: str, reason: str) -> None:
    with pytest.raises(ClientError) as refused:
        _client(extensions).register_delegated_administrator(AccountId=account, ServicePrincipal=IAM)
    assert vars(refused.value)["response"]["Reason"] == reason


def test_a_closed_account_cannot_be_delegated(extensions: Extensions) -> None:
    organizations = _with_delegate(extensions)
    with pytest.raises(ClientError) as refused:
        organizations.register_delegated_administrator(AccountId=CLOSED, ServicePrincipal=IAM)
    reason = "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"
    assert vars(refused.value)["response"]["Reason"] == reason


def test_trusted_access_ends_only_after_the_delegate(extensions: Extensions) -> None:
    organizations = _with_delegate(extensions)
    with pytest.raises(ClientError, match="ConstraintViolationException"):
        organizations.disable_aws_service_access(ServicePrincipal=IAM)
    organizations.deregister_delegated_administrator(AccountId=HUB, ServicePrincipal=IAM)
    organizations.disable_aws_service_access(ServicePrincipal=IAM)
    assert not extensions.state.features.trusted_access
