import pytest

from local.organization import Organization
from tests.wiring.topologies.every_topology import EveryTopology
from tests.wiring.topologies.organizations import MANAGEMENT, organization

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def topology() -> Organization:
    """Everything in the management account, us-east-1, and every Region that forwards by default."""
    return organization(hub=MANAGEMENT)


class TestHubInTheManagementAccount(EveryTopology):
    pass
