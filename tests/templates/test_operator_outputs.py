"""The outputs by which operators find the hub's parts: their names stay."""

import pytest

from tests.templates.synthesized import synthesized

pytestmark = pytest.mark.long

NAMES = {
    *(
        "BusName",
        "StateTableName",
        "EvidenceBucketName",
        "SweepMachineArn",
        "AlertEmails",
        "AlertTopicArn",
        "DashboardName",
    ),
    "SweepMissedAfterHours",
    "OwnerTag",
    "MemberForwarding",
    *("HardenAccountFunction", "AuditAccountsFunction", "OpenRecoveryFunction", "CloseRecoveryFunction"),
    *("WriteReportFunction", "CollectUndeliveredFunction", "FunctionLogs"),
    *("UnlockBucketFunction", "UnlockQueueFunction", "AssessRootActivityFunction", "NotifyFunction"),
    *("HardenAccountQueues", "AssessRootActivityQueues", "ForgetAccountQueues", "NotifyQueues"),
    "RefusedSessionsQueues",
    "ScheduleDeadLetters",
}


def test_every_part_has_its_output() -> None:
    asking = synthesized().hub.body["Outputs"]
    trusting = synthesized(approval={}).hub.body["Outputs"]

    assert set(asking) == NAMES | {"ApprovalDocuments"}
    assert set(trusting) == NAMES
    assert synthesized(owner_tag="team").hub.body["Outputs"]["OwnerTag"]["Value"] == "team"
    assert "deadLetters" in str(asking["HardenAccountQueues"]["Value"])
    assert "unlock_bucket" in str(asking["ApprovalDocuments"]["Value"])
    assert all(output["Description"] for output in asking.values())
