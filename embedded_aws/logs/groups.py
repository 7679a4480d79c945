"""Amazon CloudWatch Logs resources."""

from embedded_aws.cloudformation.resource import Creator, Resource
from embedded_aws.cloudformation.template import Created


def _log_group(resource: Resource) -> Created:
    resource.expect("LogGroupName", "RetentionInDays", "KmsKeyId", "LogGroupClass")
    name, client = resource.name("LogGroupName", longest=512), resource.client("logs")
    key = resource.properties.get("KmsKeyId")
    client.create_log_group(logGroupName=name, **({"kmsKeyId": key} if key else {}))
    if "RetentionInDays" in resource.properties:
        client.put_retention_policy(logGroupName=name, retentionInDays=resource.properties["RetentionInDays"])
    arn = resource.arn("logs", f"log-group:{name}:*")
    return Created(reference=name, attributes={"Arn": arn})


CREATORS: dict[str, Creator] = {"AWS::Logs::LogGroup": _log_group}
