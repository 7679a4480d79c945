"""What a deployment to the local engine does not prove.

The pinned CDK command line, the synthesized templates, the assets, CDK's custom resources in Node with
AWS's own SDK, and the functions with their layer are the real ones. The AWS they meet is ministack,
and this is what it does not show:

- Permissions. It asks no role, key, queue or bus policy. What the roles and policies say is compared
  here; whether that is enough and not too much is judged where the embedded AWS evaluates policies.
- The organization's switches. EnableAWSServiceAccess, EnableOrganizationsRoot*,
  ActivateOrganizationsAccess and their listings are answered by engine_additions.py, refusals in the
  words AWS was recorded with, or documents. Calls that switch something off are unknown to it: trying
  one would fail the deletion. Delegated administrators do not occur in this topology.
- StackSets. The additions keep what CloudFormation is told, and refuse it before StackSets has access
  to the organization, in AWS's words as far as they are known. Nothing is rolled out: the tests give
  one member account the StackSet's template themselves.
- Root sessions. There is no AssumeRoot, so no account is hardened here.
- AWS's events. As in AWS no client may send events of AWS's sources, and the engine sends none, so
  the event that travels starts on the queue its rule leads to.
- The machine. Functions run on this machine's Python and processor, not on Python 3.14 and arm64;
  Node's SDK is the version that package.json pins, not the one Lambda carries.
- Amazon Q Developer in chat applications and service control policies. Neither has a resource type
  in the engine, so neither is configured.
- Metric math. The one alarm on a sum of metrics is created on the first of them.
- The properties below. They are in the templates that were deployed; the engine drops them. The
  tests fail when an engine no longer does, so that they can then be held to the resources instead.
"""

from typing import Any

import pytest

from tests.deploy.lifecycle import Lifecycle

pytestmark = pytest.mark.deploy


def properties(lifecycle: Lifecycle, kind: str) -> dict[str, Any]:
    """Return the properties of the hub's one resource of a kind, as they were deployed."""
    resources = lifecycle.templates["RootWardenHub"]["Resources"].values()
    [resource] = [each["Properties"] for each in resources if each["Type"] == kind]
    found: dict[str, Any] = resource
    return found


def test_policy_of_the_bus(lifecycle: Lifecycle) -> None:
    assert properties(lifecycle, "AWS::Events::EventBus")["Policy"]["Statement"]
    assert "Policy" not in lifecycle.deployed.resources.buses["rootwarden"]


def test_expiry_backups_and_key_of_the_state(lifecycle: Lifecycle) -> None:
    deployed = properties(lifecycle, "AWS::DynamoDB::Table")
    [table] = lifecycle.deployed.resources.tables.values()
    assert deployed["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["TimeToLiveStatus"] == "DISABLED"
    assert deployed["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    assert deployed["SSESpecification"]["SSEEnabled"] is True
    assert "SSEDescription" not in table


def test_key_of_the_alert_topic(lifecycle: Lifecycle) -> None:
    assert "KmsMasterKeyId" in properties(lifecycle, "AWS::SNS::Topic")
    assert not any("KmsMasterKeyId" in topic for topic in lifecycle.deployed.resources.topics.values())
