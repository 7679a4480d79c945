"""What an account of the local engine holds in one Region, asked of each service itself."""

import json
from dataclasses import dataclass
from typing import Any

from tests.deploy.local_engine import REGION, LocalEngine

Described = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class DeployedResources:
    """Resources by name, ARN or id, each as its service describes it."""

    buses: Described
    rules: Described
    queues: Described
    functions: Described
    layers: Described
    sources: Described
    tables: Described
    keys: Described
    topics: Described
    subscriptions: Described
    roles: Described
    log_groups: Described
    alarms: Described
    stack_sets: Described


def deployed_resources(engine: LocalEngine, account: str, region: str = REGION) -> DeployedResources:
    """Return everything but what `cdk bootstrap` put there."""
    events, lambda_ = (engine.client(name, account, region) for name in ("events", "lambda"))
    sns, logs = (engine.client(name, account, region) for name in ("sns", "logs"))
    buses = _buses(events)
    cloudwatch = engine.client("cloudwatch", account, region)
    return DeployedResources(
        buses=buses,
        rules=_rules(events, ["default", *buses]),
        queues=_queues(engine.client("sqs", account, region)),
        functions=_by("FunctionName", lambda_.list_functions()["Functions"]),
        layers=_by("LayerName", lambda_.list_layers()["Layers"]),
        sources=_by("UUID", lambda_.list_event_source_mappings()["EventSourceMappings"]),
        tables=_tables(engine.client("dynamodb", account, region)),
        keys=_keys(engine.client("kms", account, region)),
        topics={
            topic["TopicArn"]: sns.get_topic_attributes(**topic)["Attributes"]
            for topic in sns.list_topics()["Topics"]
        },
        subscriptions=_by("SubscriptionArn", sns.list_subscriptions()["Subscriptions"]),
        roles=_roles(engine.client("iam", account, region)),
        log_groups=_by("logGroupName", logs.describe_log_groups()["logGroups"]),
        alarms=_by("AlarmName", cloudwatch.describe_alarms()["MetricAlarms"]),
        stack_sets=_stack_sets(engine.client("cloudformation", account, region)),
    )


def _buses(events: Any) -> Described:
    names = [bus["Name"] for bus in events.list_event_buses()["EventBuses"] if bus["Name"] != "default"]
    described = _by("Name", [events.describe_event_bus(Name=name) for name in names])
    for bus in described.values():
        del bus["ResponseMetadata"]  # differs from call to call
    return described


def _rules(events: Any, buses: list[str]) -> Described:
    return {
        rule["Arn"]: {
            **rule,
            "EventPattern": json.loads(rule["EventPattern"]),
            "Targets": events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"],
        }
        for bus in buses
        for rule in events.list_rules(EventBusName=bus)["Rules"]
    }


def _queues(sqs: Any) -> Described:
    described = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] | {"QueueUrl": url}
        for url in sqs.list_queues().get("QueueUrls", [])
    ]
    return _by("QueueArn", described)


def _tables(dynamodb: Any) -> Described:
    return {
        name: {
            **dynamodb.describe_table(TableName=name)["Table"],
            **dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
            **dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"],
        }
        for name in dynamodb.list_tables()["TableNames"]
    }


def _keys(kms: Any) -> Described:
    listed = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    described = [kms.describe_key(KeyId=key_id)["KeyMetadata"] for key_id in listed]
    return {
        key["Arn"]: {
            **key,
            "Policy": json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]),
            "Rotates": kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"],
        }
        for key in described
        # A deleted key stays visible until its waiting period is over.
        if key["KeyManager"] == "CUSTOMER" and key["KeyState"] != "PendingDeletion"
    }


def _roles(iam: Any) -> Described:
    return {
        role["Arn"]: {
            **role,
            "Statements": [
                statement
                for policy in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
                for statement in iam.get_role_policy(RoleName=role["RoleName"], PolicyName=policy)[
                    "PolicyDocument"
                ]["Statement"]
            ],
            "Attached": iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"],
        }
        for role in iam.list_roles()["Roles"]
        if not role["RoleName"].startswith("cdk-")
    }


def _stack_sets(cloudformation: Any) -> Described:
    names = [summary["StackSetName"] for summary in cloudformation.list_stack_sets()["Summaries"]]
    return {name: cloudformation.describe_stack_set(StackSetName=name)["StackSet"] for name in names}


def _by(identifier: str, described: list[dict[str, Any]]) -> Described:
    return {entry[identifier]: entry for entry in described}
