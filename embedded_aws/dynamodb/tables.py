"""Amazon DynamoDB resources."""

from embedded_aws.cloudformation.resource import Creator, Resource
from embedded_aws.cloudformation.template import Created


def _table(resource: Resource) -> Created:
    settings = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
    resource.expect(
        "TableName",
        "DeletionProtectionEnabled",
        "PointInTimeRecoverySpecification",
        "SSESpecification",
        "TimeToLiveSpecification",
        *settings,
    )
    properties, client = resource.properties, resource.client("dynamodb")
    name = resource.name("TableName", longest=255)
    encryption = dict(properties.get("SSESpecification", {}))
    if "SSEEnabled" in encryption:  # the API spells it differently
        encryption["Enabled"] = encryption.pop("SSEEnabled")
    arn = client.create_table(
        TableName=name,
        **resource.some("DeletionProtectionEnabled", *settings),
        **({"SSESpecification": encryption} if encryption else {}),
    )["TableDescription"]["TableArn"]
    for key, update in (
        ("TimeToLiveSpecification", client.update_time_to_live),
        ("PointInTimeRecoverySpecification", client.update_continuous_backups),
    ):
        if key in properties:
            update(TableName=name, **resource.some(key))
    return Created(reference=name, attributes={"Arn": arn})


CREATORS: dict[str, Creator] = {"AWS::DynamoDB::Table": _table}
