"""Amazon EventBridge resources."""

import json

from local.deployment.resources.resource import Creator, Resource
from local.deployment.template import Created


def _event_bus(resource: Resource) -> Created:
    settings = ("Name", "Description", "KmsKeyIdentifier", "DeadLetterConfig")
    resource.expect("Policy", *settings)
    name, client = resource.properties["Name"], resource.client("events")
    arn = client.create_event_bus(**resource.some(*settings))["EventBusArn"]
    if "Policy" in resource.properties:
        client.put_permission(EventBusName=name, Policy=json.dumps(resource.properties["Policy"]))
    return Created(reference=name, attributes={"Arn": arn, "Name": name})


def _event_bus_policy(resource: Resource) -> Created:
    resource.expect("EventBusName", "StatementId", "Statement")
    properties = resource.properties
    sid, bus = properties["StatementId"], properties.get("EventBusName", "default")
    policy = {"Version": "2012-10-17", "Statement": [{**properties["Statement"], "Sid": sid}]}
    resource.client("events").put_permission(EventBusName=bus, Policy=json.dumps(policy))
    return Created(reference=f"{bus}|{sid}")


def _rule(resource: Resource) -> Created:
    settings = ("Description", "EventBusName", "RoleArn", "ScheduleExpression", "State")
    resource.expect("Name", "EventPattern", "Targets", *settings)
    properties, client = resource.properties, resource.client("events")
    name = resource.name("Name")
    pattern = properties.get("EventPattern")
    arn = client.put_rule(
        Name=name,
        **resource.some(*settings),
        **({"EventPattern": json.dumps(pattern)} if pattern else {}),
    )["RuleArn"]
    if properties.get("Targets"):
        client.put_targets(Rule=name, Targets=properties["Targets"], **resource.some("EventBusName"))
    bus = properties.get("EventBusName", "default").rpartition("/")[2]
    reference = name if bus == "default" else f"{bus}|{name}"
    return Created(reference=reference, attributes={"Arn": arn})


CREATORS: dict[str, Creator] = {
    "AWS::Events::EventBus": _event_bus,
    "AWS::Events::EventBusPolicy": _event_bus_policy,
    "AWS::Events::Rule": _rule,
}
