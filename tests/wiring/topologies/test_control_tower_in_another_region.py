import pytest

from local.aws import LocalAws
from local.organization import Organization
from local.scenarios import scenario_events as events
from tests.wiring.topologies.conftest import Happen
from tests.wiring.topologies.every_topology import EveryTopology
from tests.wiring.topologies.organizations import MANAGEMENT, newcomer, organization

pytestmark = pytest.mark.long

HOME = "eu-central-1"


@pytest.fixture(scope="module")
def topology() -> Organization:
    """Control Tower at home in Frankfurt, the hub in a security account in us-east-1."""
    return organization(control_tower_home_region=HOME, forwarding_regions=["us-east-1"])


class TestControlTowerInAnotherRegion(EveryTopology):
    def test_an_account_is_hardened_by_control_towers_event_alone(
        self, aws: LocalAws, alerts: Happen
    ) -> None:
        account = newcomer("999900001111", "vended")
        aws.state.join(account)
        aws.deliver(
            events.managed_account(
                "create",
                management=MANAGEMENT,
                time=aws.clock.now(),
                account=account.id,
                name=account.name,
                region=HOME,
            )
        )

        [outcome] = alerts()

        assert (outcome["detail"]["result"], outcome["region"]) == ("hardened", "us-east-1")
        assert outcome["detail"]["trigger"]["source"] == "aws.controltower"
        assert not any(aws.posture(account.id).values())
