"""What the first deployment does where something is on already, and where AWS refuses."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embedded_aws.cloudformation.custom_resources import CustomResourceError
from embedded_aws.cloudformation.deployment import DeploymentError
from embedded_aws.cloudformation.stack_sets import StackSets
from embedded_aws.organizations.organization import Features
from embedded_aws.organizations.state import enabled
from local.aws import LocalAws
from local.organization import Organization
from tests.stage import START
from tests.wiring.topologies.organizations import HUB, MANAGEMENT, NOTHING_ON, organization

pytestmark = pytest.mark.long

IAM = "iam.amazonaws.com"
ALL_ON = Features()


@pytest.fixture(scope="module")
def whole(assembly_of: Callable[[Organization], Path]) -> Path:
    """The stacks of a hub in a delegated administrator account."""
    return assembly_of(organization(forwarding_regions=["us-east-1"]))


@pytest.fixture(scope="module")
def assembly(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The management account's stack of it, which is all that switches anything on."""
    alone = tmp_path_factory.mktemp("alone")
    for path in whole.iterdir():
        (alone / path.name).symlink_to(path)
    manifest = json.loads((whole / "manifest.json").read_text())
    del manifest["artifacts"]["RootWardenHub"]
    (alone / "manifest.json").unlink()
    (alone / "manifest.json").write_text(json.dumps(manifest))
    return alone


@contextmanager
def _organization_with(features: Features, assembly: Path) -> Iterator[LocalAws]:
    start = organization(features=features, forwarding_regions=["us-east-1"])
    with LocalAws(start, assembly=assembly, start=START) as aws:
        yield aws


def _delegates(aws: LocalAws) -> list[str]:
    organizations = aws.client("organizations", account=MANAGEMENT)
    answer = organizations.list_delegated_administrators(ServicePrincipal=IAM)
    return [administrator["Id"] for administrator in answer["DelegatedAdministrators"]]


@pytest.mark.parametrize(
    "features",
    [
        Features(trusted_access=True, root_credentials_management=False, root_sessions=False),
        Features(trusted_access=True, root_credentials_management=True, root_sessions=False),
        ALL_ON,
    ],
    ids=["trusted access", "credentials management", "all"],
)
def test_a_deployment_goes_on_from_what_is_switched_on_already(features: Features, assembly: Path) -> None:
    with _organization_with(features, assembly) as aws:
        aws.deploy()

        assert enabled(aws.state.features) == ["RootCredentialsManagement", "RootSessions"]
        assert _delegates(aws) == [HUB]


def test_a_hub_that_is_registered_already_is_no_failure(assembly: Path) -> None:
    with _organization_with(ALL_ON, assembly) as aws:
        organizations = aws.client("organizations", account=MANAGEMENT)
        organizations.register_delegated_administrator(AccountId=HUB, ServicePrincipal=IAM)

        aws.deploy()

        refused = [call for call in aws.extensions.calls if call.error_code]
        assert [call.error_code for call in refused] == ["AccountAlreadyRegisteredException"]
        assert _delegates(aws) == [HUB]


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("EnableAWSServiceAccess", "AccessDeniedException"),
        ("EnableOrganizationsRootCredentialsManagement", "OrganizationNotInAllFeaturesModeException"),
        ("EnableOrganizationsRootSessions", "ServiceAccessNotEnabledException"),
        ("RegisterDelegatedAdministrator", "ConstraintViolationException"),
    ],
)
def test_a_refused_call_fails_the_deployment_in_awss_words_and_registers_nobody(
    operation: str, code: str, assembly: Path
) -> None:
    with _organization_with(NOTHING_ON, assembly) as aws:
        aws.extensions.faults.fail(operation, code, times=None)

        with pytest.raises(DeploymentError, match=code):
            aws.deploy()

        assert _delegates(aws) == []
        assert not aws.client("sqs", account="444455556666").list_queues().get("QueueUrls")


def test_nobody_is_registered_when_stack_sets_are_refused(
    assembly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: StackSets) -> None:
        raise CustomResourceError("InvalidOperationException: not the management account")

    monkeypatch.setattr(StackSets, "activate", refuse)
    with _organization_with(NOTHING_ON, assembly) as aws:
        with pytest.raises(DeploymentError, match="InvalidOperationException"):
            aws.deploy()

        assert _delegates(aws) == []


def test_a_hub_outside_the_organization_fails_the_deployment(assembly: Path) -> None:
    with _organization_with(NOTHING_ON, assembly) as aws:
        aws.state.leave(HUB)

        with pytest.raises(DeploymentError, match="AccountNotFoundException"):
            aws.deploy()

        assert _delegates(aws) == []


def test_what_stays_on_can_be_switched_off_by_hand_in_the_order_of_the_guide(assembly: Path) -> None:
    with _organization_with(NOTHING_ON, assembly) as aws:
        aws.deploy()
        organizations = aws.client("organizations", account=MANAGEMENT)
        iam = aws.client("iam", account=MANAGEMENT)

        organizations.deregister_delegated_administrator(AccountId=HUB, ServicePrincipal=IAM)
        iam.disable_organizations_root_sessions()
        iam.disable_organizations_root_credentials_management()
        organizations.disable_aws_service_access(ServicePrincipal=IAM)

        assert not any(vars(aws.state.features).values())
        assert _delegates(aws) == []


def test_the_first_alert_may_be_of_the_deployment_itself(whole: Path) -> None:
    with _organization_with(NOTHING_ON, whole) as aws:
        aws.deploy(watched=True)
        aws.run_until_idle()

        activity = [each for each in aws.outcomes if each["detail-type"].startswith("Root Activity")]
        alert, summary = (outcome["detail"] for outcome in activity)
        assert (alert["activity"], alert["severity"]) == ("protection_changed", "low")
        assert summary["highestSeverity"] == "low"
        assert aws.dead_letters == []
