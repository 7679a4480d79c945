"""What a resource's creator is given, and what it answers."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from embedded_aws.cloudformation.assembly import StackArtifact
from embedded_aws.cloudformation.intrinsics import TemplateError
from embedded_aws.cloudformation.template import Created, Environment

Creator = Callable[["Resource"], Created]
_SUFFIX = 12


class Platform(Protocol):
    """What of the embedded AWS a creator may need."""

    def client(self, service: str, *, account: str, region: str) -> Any:
        """Return a boto3 client of an administrator."""

    def role_client(self, service: str, role_arn: str, region: str) -> Any:
        """Return a boto3 client that acts as a role, judged by the role's policies."""

    def connect_channel(self, topic_arn: str, channel: str) -> None:
        """Show a topic's messages in a chat channel."""

    def add_stack_set(self, stack_set: Any, stack: StackArtifact) -> None:
        """Deploy a stack set's template to its targets, now and later."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a template, its properties resolved."""

    logical_id: str
    type: str
    properties: dict[str, Any]
    stack: StackArtifact
    environment: Environment
    platform: Platform

    def client(self, service: str) -> Any:
        """Return a boto3 client in the stack's account and Region."""
        return self.platform.client(service, account=self.environment.account, region=self.environment.region)

    def name(self, key: str, *, longest: int = 64) -> str:
        """Return the name a property gives, or one such as CloudFormation makes up."""
        given = self.properties.get(key)
        if given:
            return str(given)
        stack = self.environment.stack_name
        unique = f"{self.environment.account}{self.environment.region}{stack}{self.logical_id}"
        suffix = hashlib.sha256(unique.encode()).hexdigest()[:_SUFFIX]
        return f"{f'{stack}-{self.logical_id}'[: longest - _SUFFIX - 1]}-{suffix}"

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN in the stack's account and Region."""
        place = self.environment
        return f"arn:{place.partition}:{service}:{place.region}:{place.account}:{resource}"

    def expect(self, *known: str) -> None:
        """Refuse properties that the creator would leave out silently."""
        unknown = sorted(self.properties.keys() - {*known, "Tags"})
        if unknown:
            names = ", ".join(unknown)
            raise TemplateError(f"{self.type} properties this program does not know: {names}")

    def some(self, *keys: str) -> dict[str, Any]:
        """Return those of the properties that are there."""
        return {key: self.properties[key] for key in keys if key in self.properties}
