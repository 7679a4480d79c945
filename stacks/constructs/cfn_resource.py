"""The CloudFormation resource inside a CDK construct."""

from typing import TypeVar

from aws_cdk import CfnResource
from constructs import IConstruct

Resource = TypeVar("Resource", bound=CfnResource)


def cfn_resource(construct: IConstruct, kind: type[Resource]) -> Resource:
    """Return the resource, for properties the construct has no argument for."""
    resource = construct.node.default_child
    if not isinstance(resource, kind):
        raise TypeError(f"{construct.node.path} no longer has a {kind.__name__} inside")
    return resource
