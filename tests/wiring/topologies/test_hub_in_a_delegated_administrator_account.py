import pytest

from local.aws import LocalAws
from local.organization import Organization
from local.scenarios.scenario import Scenario
from tests.wiring.topologies.conftest import Happen
from tests.wiring.topologies.every_topology import EveryTopology
from tests.wiring.topologies.organizations import HUB, organization

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def topology() -> Organization:
    """The hub in a security account, us-east-1: what the example of this project has, too."""
    return organization(forwarding_regions=["us-east-1"])


class TestHubInADelegatedAdministratorAccount(EveryTopology):
    def test_the_hubs_own_root_user_alerts(self, aws: LocalAws, alerts: Happen) -> None:
        Scenario(aws).sign_in_as_root(HUB)

        [alert] = alerts()

        account = alert["detail"]["account"]
        assert (account["id"], account["name"], account["unitPath"]) == (HUB, "security", "Root")
