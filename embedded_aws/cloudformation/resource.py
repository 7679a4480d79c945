"""What a resource's creator is given, and what it answers."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embedded_aws.cloudformation.deployment import Deployment

_SUFFIX = 12


class TemplateError(RuntimeError):
    """When a template says something that cannot be deployed here."""


def expect(what: str, given: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse what would be left out silently: anything but what is known."""
    if unknown := sorted(given.keys() - known):
        raise TemplateError(f"{what} has {', '.join(unknown)}, which this program does not know")


@dataclass(frozen=True, kw_only=True)
class StackArtifact:
    """One stack to deploy: what, where, and with which parameters."""

    name: str
    account: str
    region: str
    template: Mapping[str, Any]
    parameters: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def stack_id(self) -> str:
        """The stack's ARN."""
        stack = f"stack/{self.name}/00000000-0000-0000-0000-000000000000"
        return f"arn:aws:cloudformation:{self.region}:{self.account}:{stack}"

    @cached_property
    def pseudo_parameters(self) -> dict[str, object]:
        """What `Ref: AWS::…` answers."""
        return {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.name,
            "AWS::StackId": self.stack_id,
        }


@dataclass(frozen=True, kw_only=True)
class Created:
    """A created resource as the rest of the template sees it: its Ref and its attributes."""

    reference: str
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a template, its properties resolved."""

    logical_id: str
    type: str
    properties: dict[str, Any]
    stack: StackArtifact
    deployment: "Deployment"

    def client(self, service: str) -> Any:
        """Return a boto3 client in the stack's account and Region."""
        return self.deployment.clients.administrator(service, self.stack.account, self.stack.region)

    def name(self, key: str, *, longest: int = 64) -> str:
        """Return the name a property gives, or one such as CloudFormation makes up."""
        given = self.properties.get(key)
        if given:
            return str(given)
        stack = self.stack
        unique = f"{stack.account}{stack.region}{stack.name}{self.logical_id}"
        suffix = hashlib.sha256(unique.encode()).hexdigest()[:_SUFFIX]
        return f"{f'{stack.name}-{self.logical_id}'[: longest - _SUFFIX - 1]}-{suffix}"

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN in the stack's account and Region."""
        return f"arn:aws:{service}:{self.stack.region}:{self.stack.account}:{resource}"

    def expect(self, *known: str) -> None:
        """Refuse properties that the creator would leave out silently."""
        expect(self.type, self.properties, {*known, "Tags"})

    def settings(self, *keys: str, besides: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return those of the properties that are there; refuse what is neither of them nor `besides`."""
        self.expect(*keys, *besides)
        return self.some(*keys)

    def some(self, *keys: str) -> dict[str, Any]:
        """Return those of the properties that are there."""
        return {key: self.properties[key] for key in keys if key in self.properties}


Creator = Callable[[Resource], Created]
