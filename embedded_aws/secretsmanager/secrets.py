"""AWS Secrets Manager resources."""

from embedded_aws.cloudformation.resource import Creator, Resource
from embedded_aws.cloudformation.template import Created


def _secret(resource: Resource) -> Created:
    settings = ("Description", "KmsKeyId", "SecretString")
    resource.expect("Name", *settings)
    arn = resource.client("secretsmanager").create_secret(
        Name=resource.name("Name", longest=512), **resource.some(*settings)
    )["ARN"]
    return Created(reference=arn, attributes={"Id": arn})


CREATORS: dict[str, Creator] = {"AWS::SecretsManager::Secret": _secret}
