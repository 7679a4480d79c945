"""The secret an incoming webhook's address is kept in, which no stack creates."""

from moto.secretsmanager.models import secretsmanager_backends

from embedded_aws.clients import Clients
from local.organization import Organization
from local.synthesis import webhook_secret_arn


def keep_webhook_secret(clients: Clients, organization: Organization, url: str) -> None:
    """Keep the address in the hub account, under the ARN the templates were synthesized with."""
    hub, arn = organization.hub, webhook_secret_arn(organization)
    name = arn.rpartition(":")[2].rpartition("-")[0]
    clients.administrator("secretsmanager", hub.account, hub.region).create_secret(
        Name=name, SecretString=url
    )
    # The template was synthesized with this ARN; AWS and moto end theirs in random characters.
    secretsmanager_backends[hub.account][hub.region].secrets[name].arn = arn
