import json

import pytest

from local.aws import LocalAws
from local.organization import Organization
from local.scenarios.scenario import Scenario
from tests.wiring.sample_events import sample
from tests.wiring.topologies.conftest import Happen
from tests.wiring.topologies.every_topology import EveryTopology
from tests.wiring.topologies.organizations import MANAGEMENT, MEMBER, UNIT, newcomer, organization

pytestmark = pytest.mark.long

REGION = "eu-west-1"


@pytest.fixture(scope="module")
def topology() -> Organization:
    """The hub in a security account in Ireland, and the guard rail on one unit."""
    return organization(
        region=REGION,
        forwarding_regions=["us-east-1", REGION],
        deny_root_organizational_units=[UNIT],
    )


class TestHubInAnotherRegion(EveryTopology):
    def test_a_strangers_root_session_begun_in_the_hubs_region_alerts(
        self, aws: LocalAws, alerts: Happen
    ) -> None:
        Scenario(aws).assume_root_as_administrator(MEMBER, region=REGION)

        [alert] = alerts()

        assert alert["detail"]["activity"] == "root_session_opened"
        assert alert["detail"]["event"]["region"] == REGION

    def test_our_own_sessions_begun_there_never_do(self, aws: LocalAws, alerts: Happen) -> None:
        Scenario(aws).create_account(newcomer("999900001111"))

        outcomes = alerts()

        assert {call.region for call in aws.calls if call.operation == "AssumeRoot"} == {REGION}
        assert {outcome["detail-type"] for outcome in outcomes} == {"Account Hardening Result"}

    def test_the_guard_rail_hangs_on_its_unit(self, deployed: LocalAws) -> None:
        organizations = deployed.client("organizations", account=MANAGEMENT)
        attached = organizations.list_policies_for_target(TargetId=UNIT, Filter="SERVICE_CONTROL_POLICY")
        [policy] = [p for p in attached["Policies"] if p["Name"] == "rootwarden-deny-root"]

        content = organizations.describe_policy(PolicyId=policy["Id"])["Policy"]["Content"]

        [statement] = json.loads(content)["Statement"]
        assert statement["Condition"]["Null"] == {"aws:AssumedRoot": "true"}

    @pytest.mark.parametrize("account", [MANAGEMENT, MEMBER])
    def test_taking_the_guard_rail_away_alerts(self, aws: LocalAws, alerts: Happen, account: str) -> None:
        organizations = aws.client("organizations", account=MANAGEMENT)
        policies = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
        [policy] = [policy for policy in policies if policy["Name"] == "rootwarden-deny-root"]

        for policy_id in ("p-another01", policy["Id"]):
            event = sample("detach_deny_root_policy", account=account)
            event["detail"]["requestParameters"]["policyId"] = policy_id
            event["detail"]["eventID"] = f"{account}-{policy_id}"
            aws.deliver(event)

        [alert] = [outcome["detail"] for outcome in alerts()]
        assert (alert["activity"], alert["target"]) == ("watch_taken_down", policy["Id"])
        assert f"--policy-id {policy['Id']}" in alert["putBack"]
