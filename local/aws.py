"""The embedded AWS as rootwarden needs it: its outcomes, and the Slack webhook that is no part of AWS."""

import json
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from moto.secretsmanager.models import secretsmanager_backends

from embedded_aws.clock import Clock
from embedded_aws.environment import EmbeddedAws
from embedded_aws.events.shape import Event
from embedded_aws.sns import Message
from local.organization import Organization
from local.slack_endpoint import SlackEndpoint
from local.synthesis import webhook_secret_arn

_SOURCE = _BUS = "rootwarden"


class LocalAws(EmbeddedAws):
    """An organization that rootwarden's stacks are deployed to."""

    organization: Organization

    def __init__(
        self, organization: Organization, *, assembly: Path, start: datetime, clock: Clock | None = None
    ) -> None:
        """Begin at `start` in virtual time, unless a clock (such as real time) is given."""
        region = organization.hub.region
        super().__init__(organization, assembly=assembly, start=start, clock=clock, home_region=region)
        self.slack = SlackEndpoint(self._note_slack_post)

    def hub_client(self, service: str) -> Any:
        """Return a boto3 client of an administrator of the hub account, in its Region."""
        hub = self.organization.hub
        return self.client(service, account=hub.account, region=hub.region)

    @property
    def outcomes(self) -> list[Event]:
        """Every outcome event that reached the hub's bus."""
        hub = self.organization.hub
        bus = f":events:{hub.region}:{hub.account}:event-bus/{_BUS}"
        return [
            received.event
            for received in self.delivery.received
            if received.event["source"] == _SOURCE and received.bus_arn.endswith(bus)
        ]

    @property
    def accounts(self) -> list[dict[str, Any]]:
        """Every account now in the organization as Organizations lists it, the management account first."""
        client = self.client("organizations", account=self.organization.management_account.id)
        return [one for page in client.get_paginator("list_accounts").paginate() for one in page["Accounts"]]

    def _connect(self, stack: ExitStack) -> None:
        super()._connect(stack)
        if self.organization.slack.webhook:
            stack.enter_context(self.slack)
            self._keep_secret(webhook_secret_arn(self.organization), self.slack.url)
        for arn, value in self.organization.secrets.items():
            self._keep_secret(arn, value)

    def _keep_secret(self, arn: str, value: str) -> None:
        """Keep a value in the hub account, in a secret that no stack creates."""
        hub = self.organization.hub
        name = arn.rpartition(":")[2].rpartition("-")[0]
        self.hub_client("secretsmanager").create_secret(Name=name, SecretString=value)
        # The template was synthesized with this ARN; AWS and moto end theirs in random characters.
        secretsmanager_backends[hub.account][hub.region].secrets[name].arn = arn

    def _note_slack_post(self, post: dict[str, Any]) -> None:
        body = json.dumps(post, ensure_ascii=False)
        self.messages.append(Message(channel="slack", to="webhook", subject=None, body=body))
