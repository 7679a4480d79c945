"""Amazon EventBridge Scheduler resources."""

from local.deployment.resources.resource import Creator, Resource
from local.deployment.template import Created


def _schedule(resource: Resource) -> Created:
    settings = (
        "Description",
        "EndDate",
        "FlexibleTimeWindow",
        "GroupName",
        "KmsKeyArn",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "StartDate",
        "State",
        "Target",
    )
    resource.expect("Name", *settings)
    name = resource.name("Name")
    arn = resource.client("scheduler").create_schedule(Name=name, **resource.some(*settings))["ScheduleArn"]
    return Created(reference=name, attributes={"Arn": arn})


def _group(resource: Resource) -> Created:
    resource.expect("Name")
    name = resource.name("Name")
    arn = resource.client("scheduler").create_schedule_group(Name=name)["ScheduleGroupArn"]
    return Created(reference=name, attributes={"Arn": arn})


CREATORS: dict[str, Creator] = {
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::Scheduler::ScheduleGroup": _group,
}
