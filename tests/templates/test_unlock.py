"""The functions that repair policies: their time, their evidence, and whose sessions they open."""

from typing import Any

import pytest

from tests.templates.synthesized import Deployment, get_arn
from tests.templates.test_functions import ASSESS, UNLOCK, UNLOCK_BUCKET, UNLOCK_QUEUE


def _bucket(deployed: Deployment) -> tuple[str, dict[str, Any]]:
    [(logical_id, bucket)] = deployed.hub.of_type("AWS::S3::Bucket").items()
    return logical_id, bucket["Properties"]


@pytest.mark.parametrize("handler", UNLOCK)
def test_a_function_outlives_its_root_session(deployed: Deployment, handler: str) -> None:
    function = deployed.hub.function(handler)
    assert function["Timeout"] > 120
    assert function["Environment"]["Variables"]["BUCKET_NAME"] == {"Ref": _bucket(deployed)[0]}


def test_policies_are_kept_as_long_as_reports(deployed: Deployment) -> None:
    _, bucket = _bucket(deployed)
    rules = {rule["Prefix"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert rules["unlocks/"]["ExpirationInDays"] == rules["reports/"]["ExpirationInDays"] == 400


def test_their_sessions_are_known_as_ours_for_their_own_task(deployed: Deployment) -> None:
    _, parts = deployed.hub.function(ASSESS)["Environment"]["Variables"]["OWN_ROLES"]["Fn::Join"]
    for handler, task in ((UNLOCK_BUCKET, "S3UnlockBucketPolicy"), (UNLOCK_QUEUE, "SQSUnlockQueuePolicy")):
        role = parts.index(get_arn(deployed.hub.role_of(handler)))
        assert parts[role + 1].startswith(f'":["{task}"]')


def test_operators_find_them_by_the_stacks_outputs(deployed: Deployment) -> None:
    outputs = deployed.hub.body["Outputs"]
    for name, handler in (("UnlockBucketFunction", UNLOCK_BUCKET), ("UnlockQueueFunction", UNLOCK_QUEUE)):
        function = deployed.hub.body["Resources"][outputs[name]["Value"]["Ref"]]["Properties"]
        assert function["Handler"] == handler
