"""AWS Step Functions resources."""

import json

from local.delivery.state_definition import check_definition
from local.deployment.resources.resource import Creator, Resource
from local.deployment.template import Created


def _state_machine(resource: Resource) -> Created:
    # Where a log goes changes nothing here, and neither does a trace.
    resource.expect(
        "StateMachineName",
        "StateMachineType",
        "DefinitionString",
        "RoleArn",
        "LoggingConfiguration",
        "TracingConfiguration",
    )
    name, definition = resource.name("StateMachineName", longest=80), resource.properties["DefinitionString"]
    check_definition(json.loads(definition))
    arn = resource.client("stepfunctions").create_state_machine(
        name=name,
        definition=definition,
        roleArn=resource.properties["RoleArn"],
        type=resource.properties.get("StateMachineType", "STANDARD"),
    )["stateMachineArn"]
    return Created(reference=arn, attributes={"Arn": arn, "Name": name})


CREATORS: dict[str, Creator] = {"AWS::StepFunctions::StateMachine": _state_machine}
