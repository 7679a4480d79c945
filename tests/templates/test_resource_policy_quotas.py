"""The counter of resource policies, which tests/templates/test_topologies.py holds every template to."""

from typing import Any

import pytest

from tests.templates.resource_policy_quotas import over_quota
from tests.templates.synthesized import Deployment, Template


def _queue_policy(*statements: dict[str, Any], rules: int = 1) -> Template:
    resources: dict[str, Any] = {
        f"Rule{number}": {"Type": "AWS::Events::Rule", "Properties": {}} for number in range(rules)
    }
    resources["Policy"] = {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {"PolicyDocument": {"Statement": list(statements)}, "Queues": []},
    }
    return Template("Stack", {"Resources": resources})


def _from(*rules: int) -> dict[str, Any]:
    arns = [{"Fn::GetAtt": [f"Rule{rule}", "Arn"]} for rule in rules]
    return {
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Principal": {"Service": "events.amazonaws.com"},
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:SourceArn": arns}},
    }


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (_queue_policy(_from(*range(50)), rules=50), []),
        (_queue_policy(_from(*range(70)), rules=70), ["bytes"]),
        (_queue_policy(*(_from(0) for _ in range(11))), ["conditions"]),
        (_queue_policy(*({**_from(0), "Condition": {}} for _ in range(21))), ["statements"]),
        (_queue_policy({**_from(0), "Action": ["sqs:SendMessage"] * 8}), ["actions in a statement"]),
        (_queue_policy({**_from(0), "Principal": {"AWS": ["1" * 12] * 51}}), ["principals"]),
    ],
)
def test_counts_what_sqs_counts(template: Template, words: list[str]) -> None:
    found = over_quota(iter([template]))
    assert len(found) == len(words)
    for text, word in zip(found, words, strict=True):
        assert word in text


def test_every_resource_policy_of_the_test_configuration_fits(deployed: Deployment) -> None:
    assert over_quota(iter(deployed)) == []
