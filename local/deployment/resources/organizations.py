"""AWS Organizations resources."""

import json

from local.deployment.resources.resource import Creator, Resource
from local.deployment.template import Created


def _policy(resource: Resource) -> Created:
    resource.expect("Name", "Type", "Content", "Description", "TargetIds")
    properties, client = resource.properties, resource.client("organizations")
    content = properties["Content"]
    policy = client.create_policy(
        Name=properties["Name"],
        Type=properties["Type"],
        Description=properties.get("Description", ""),
        Content=content if isinstance(content, str) else json.dumps(content),
    )["Policy"]["PolicySummary"]
    for target in properties.get("TargetIds", []):
        client.attach_policy(PolicyId=policy["Id"], TargetId=target)
    return Created(reference=policy["Id"], attributes={"Arn": policy["Arn"], "Id": policy["Id"]})


CREATORS: dict[str, Creator] = {"AWS::Organizations::Policy": _policy}
