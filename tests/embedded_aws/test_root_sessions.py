import pytest
from botocore.exceptions import ClientError

from embedded_aws.extensions import Extensions
from embedded_aws.organizations.organization import Account, Organization, RootCredentials
from embedded_aws.sts.root_sessions import task_policy
from tests.embedded_aws.calling import assume_root, client
from tests.embedded_aws.templates import HUB, MANAGEMENT, MEMBER, ORGANIZATION_ID

NEW = "666677778888"
ORGANIZATION = Organization(
    organization_id=ORGANIZATION_ID,
    management_account=Account(id=MANAGEMENT, name="management"),
    accounts=(
        Account(id=HUB, name="security"),
        Account(id=MEMBER, name="payments", root=RootCredentials(access_keys=1, password=True)),
        Account(id=NEW, name="new", refuses_assume_root_for=300),
    ),
)


@pytest.mark.parametrize("target", [MEMBER, f"arn:aws:iam::{MEMBER}:root"])
def test_a_root_session_is_the_member_accounts_root(extensions: Extensions, target: str) -> None:
    identity = client("sts", assume_root(extensions, target)).get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (MEMBER, f"arn:aws:iam::{MEMBER}:root")


def test_a_session_does_its_task_and_nothing_else(extensions: Extensions) -> None:
    iam = client("iam", assume_root(extensions, task="IAMDeleteRootUserCredentials"))
    iam.delete_login_profile()
    for refused in (
        iam.get_account_summary,
        lambda: iam.list_access_keys(UserName="bob"),
        lambda: iam.delete_virtual_mfa_device(SerialNumber=f"arn:aws:iam::{MEMBER}:mfa/x"),
        lambda: iam.update_access_key(AccessKeyId="AKIA" + "A" * 16, Status="Inactive"),
    ):
        with pytest.raises(ClientError, match="explicit deny in a session policy"):
            refused()


def test_a_session_ends(extensions: Extensions) -> None:
    iam = client("iam", assume_root(extensions, DurationSeconds=60))
    extensions.state.clock.advance(59)
    iam.get_account_summary()
    extensions.state.clock.advance(1)
    with pytest.raises(ClientError) as refused:
        iam.get_account_summary()
    assert refused.value.response["Error"]["Code"] == "ExpiredToken"


def test_a_key_without_its_session_token_is_worth_nothing(extensions: Extensions) -> None:
    keys = {**assume_root(extensions), "aws_session_token": "another"}
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client("iam", keys).get_account_summary()


def test_root_cannotassume_root(extensions: Extensions) -> None:
    key = extensions.state.root_user(MEMBER).access_keys[0].id
    sts = client("sts", {"aws_access_key_id": key, "aws_secret_access_key": key})
    arn = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn={"arn": arn})


def test_a_root_access_key_serves_until_it_is_deleted(extensions: Extensions) -> None:
    key = extensions.state.root_user(MEMBER).access_keys[0].id
    owner = client("iam", {"aws_access_key_id": key, "aws_secret_access_key": key})
    assert owner.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1
    used = owner.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert used["ServiceName"] == "iam"
    remover = client("iam", assume_root(extensions, task="IAMDeleteRootUserCredentials"))
    remover.delete_access_key(AccessKeyId=key)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        owner.get_account_summary()


def test_a_new_account_refuses_for_a_while(extensions: Extensions) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        assume_root(extensions, NEW)
    extensions.state.clock.advance(300)
    assume_root(extensions, NEW)


@pytest.mark.parametrize("state", ["PENDING_ACTIVATION", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"])
def test_only_active_accounts_take_sessions(extensions: Extensions, state: str) -> None:
    extensions.state.set_state(MEMBER, state)
    with pytest.raises(ClientError, match="AccessDenied"):
        assume_root(extensions)


def test_what_is_no_task_policy_is_none() -> None:
    assert task_policy("arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials")
    assert task_policy("arn:aws:iam::aws:policy/root-task/Unknown") is None
    assert task_policy("arn:aws:iam::aws:policy/AdministratorAccess") is None
