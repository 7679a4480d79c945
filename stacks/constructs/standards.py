"""What all that is deployed has: tags, the version; and each role a permissions boundary and a path."""

import jsii
from aws_cdk import Aspects, CfnResource, IAspect, Tags
from constructs import IConstruct

from rootwarden import __version__
from stacks.configuration.configuration import Configuration


def apply_standards(scope: IConstruct, configuration: Configuration) -> None:
    """Hold everything below `scope` to the configuration, whichever construct created it.

    A StackSet hands its tags on to the stacks in members and to their resources.
    """
    for key, value in configuration.tags.items():
        Tags.of(scope).add(key, value)
    properties: dict[str, object] = {}
    if configuration.role_path != "/":
        properties["Path"] = configuration.role_path
    if boundary := configuration.permissions_boundary:
        properties["PermissionsBoundary"] = {
            "Fn::Sub": f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{boundary}"
        }
    if properties:
        Aspects.of(scope).add(_EveryRole(properties))


@jsii.implements(IAspect)
class _EveryRole:
    """Also roles that CDK makes for its own custom resources."""

    def __init__(self, properties: dict[str, object]) -> None:
        self._properties = properties

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, CfnResource) and node.cfn_resource_type == "AWS::IAM::Role":
            for name, value in self._properties.items():
                node.add_property_override(name, value)


def described(text: str) -> str:
    """Return a template's description, as the CloudFormation console shows it: version and purpose."""
    return f"rootwarden {__version__}: {text}"
