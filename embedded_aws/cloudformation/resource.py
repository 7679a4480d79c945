"""What a resource's creator is given, and what it answers."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embedded_aws.cloudformation.template import Created, Environment, TemplateError

if TYPE_CHECKING:
    from embedded_aws.cloudformation.assembly import StackArtifact
    from embedded_aws.cloudformation.deployment import Deployment

Creator = Callable[["Resource"], Created]
_SUFFIX = 12


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a template, its properties resolved."""

    logical_id: str
    type: str
    properties: dict[str, Any]
    stack: "StackArtifact"
    environment: Environment
    deployment: "Deployment"

    def client(self, service: str) -> Any:
        """Return a boto3 client in the stack's account and Region."""
        return self.deployment.client(
            service, account=self.environment.account, region=self.environment.region
        )

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
        return f"arn:aws:{service}:{place.region}:{place.account}:{resource}"

    def expect(self, *known: str) -> None:
        """Refuse properties that the creator would leave out silently."""
        unknown = sorted(self.properties.keys() - {*known, "Tags"})
        if unknown:
            names = ", ".join(unknown)
            raise TemplateError(f"{self.type} properties this program does not know: {names}")

    def some(self, *keys: str) -> dict[str, Any]:
        """Return those of the properties that are there."""
        return {key: self.properties[key] for key in keys if key in self.properties}
