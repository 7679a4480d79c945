"""Accounts as DescribeAccount answers."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from rootwarden.accounts import AccountState
from rootwarden.aws.organizations import OrganizationsDirectory, root_id_of
from rootwarden.aws.service_control_policies import Member, ServiceControlPolicies
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from tests.unit.given import MEMBER

CLIENT_SENDS = {"AccountId": MEMBER}
ROOT_PATH = "o-aa111bb222/r-ab12/"


@pytest.fixture(scope="module")
def directory() -> OrganizationsDirectory:
    return OrganizationsDirectory(boto3.client("organizations"))


@pytest.fixture
def stub(directory: OrganizationsDirectory) -> Iterator[Stubber]:
    with Stubber(directory.client) as stub:
        yield stub


def answer(**account: object) -> dict[str, object]:
    return {"Account": {"Id": MEMBER, "Name": "payments-prod", **account}}


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ({"State": "ACTIVE"}, AccountState.ACTIVE),
        ({"Status": "ACTIVE"}, AccountState.ACTIVE),
        ({"State": "PENDING_ACTIVATION", "Status": "ACTIVE"}, AccountState.PENDING_ACTIVATION),
        ({"State": "CLOSED", "Status": "SUSPENDED"}, AccountState.CLOSED),
    ],
)
def test_the_state_is_preferred_to_the_status(
    directory: OrganizationsDirectory, stub: Stubber, states: dict[str, str], state: AccountState
) -> None:
    stub.add_response("describe_account", answer(**states), CLIENT_SENDS)

    account = directory.describe(MEMBER)

    assert account is not None
    assert account.state == state
    assert account.name == "payments-prod"


@pytest.mark.parametrize("states", [{}, {"State": "HIBERNATING"}])
def test_an_unknown_state_is_never_taken_for_active(
    directory: OrganizationsDirectory, stub: Stubber, states: dict[str, str]
) -> None:
    stub.add_response("describe_account", answer(**states), CLIENT_SENDS)

    with pytest.raises(CallRefused, match="UnknownAccountState"):
        directory.describe(MEMBER)


@pytest.mark.parametrize(
    ("paths", "units", "unit"),
    [
        (
            [f"{ROOT_PATH}ou-ab12-1111/ou-ab12-2222/{MEMBER}/"],
            ("ou-ab12-1111", "ou-ab12-2222"),
            "ou-ab12-2222",
        ),
        ([f"{ROOT_PATH}{MEMBER}/"], (), None),
        ([], None, None),
    ],
)
def test_the_units_are_read_from_the_path(
    directory: OrganizationsDirectory,
    stub: Stubber,
    paths: list[str],
    units: tuple[str, ...] | None,
    unit: str | None,
) -> None:
    stub.add_response("describe_account", answer(State="ACTIVE", Paths=paths), CLIENT_SENDS)

    account = directory.describe(MEMBER)

    assert account is not None
    assert account.organizational_units == units
    assert account.organizational_unit == unit


def test_an_account_of_no_organization_of_ours_is_none(
    directory: OrganizationsDirectory, stub: Stubber
) -> None:
    stub.add_client_error("describe_account", "AccountNotFoundException")

    assert directory.describe(MEMBER) is None


@pytest.mark.parametrize("code", ["AccessDeniedException", "TooManyRequestsException"])
def test_could_not_look_is_not_the_same_as_not_there(
    directory: OrganizationsDirectory, stub: Stubber, code: str
) -> None:
    stub.add_client_error("describe_account", code)

    with pytest.raises(CallRefused, match=code):
        directory.describe(MEMBER)


def test_the_root_is_on_whichever_page_names_it(directory: OrganizationsDirectory, stub: Stubber) -> None:
    stub.add_response("list_roots", {"Roots": [], "NextToken": "more"})
    stub.add_response("list_roots", {"Roots": [{"Id": "r-ab12"}]})
    assert root_id_of(directory.client) == "r-ab12"
    stub.add_response("list_roots", {"Roots": []})
    with pytest.raises(CallRefused, match="ListRoots names nothing"):
        root_id_of(directory.client)


def test_a_parent_is_on_whichever_page_names_it(directory: OrganizationsDirectory, stub: Stubber) -> None:
    policies = ServiceControlPolicies(directory.client)
    stub.add_response("describe_account", answer(), CLIENT_SENDS)
    stub.add_response("list_parents", {"Parents": [], "NextToken": "more"})
    stub.add_response("list_parents", {"Parents": [{"Id": "r-ab12", "Type": "ROOT"}]})
    assert policies.member(MEMBER) == Member(MEMBER, "payments-prod", ("r-ab12", MEMBER))
    stub.add_response("describe_account", answer(Id="444455556667"))
    stub.add_response("list_parents", {"Parents": []})
    with pytest.raises(CallRefused, match="ListParents names nothing"):
        policies.member(AccountId("444455556667"))
