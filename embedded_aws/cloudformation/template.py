"""Reads one CloudFormation template: the order of its resources and their resolved properties.

It knows what CDK writes for stacks of one account and Region; a template that says more is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from embedded_aws.cloudformation.resource import Created, StackArtifact, TemplateError, expect

# Checked by the CDK command line before it deploys; nothing here depends on the bootstrap stack.
_BOOTSTRAP_PARAMETER_TYPE = "AWS::SSM::Parameter::Value<String>"
# Rules are such a check, too; metadata and descriptions deploy nothing.
_SECTIONS = frozenset(
    ("AWSTemplateFormatVersion", "Description", "Metadata", "Outputs", "Parameters", "Resources", "Rules")
)
_RESOURCE = frozenset(
    ("DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type", "UpdatePolicy", "UpdateReplacePolicy")
)
_OUTPUT = frozenset(("Description", "Value"))
_VARIABLE = re.compile(r"\$\{([A-Za-z0-9:]+)\}")


class Template:
    """The template of one stack being deployed."""

    def __init__(self, stack: StackArtifact) -> None:
        """Resolve parameters; resources follow one by one, as they are created."""
        expect(stack.name, stack.template, _SECTIONS)
        self._stack = stack
        self._created: dict[str, Created] = {}
        self._parameters = self._parameter_values()

    def deploy(self, create: Callable[[str, str, dict[str, Any]], Created]) -> None:
        """Call `create(logical id, type, properties)` for every resource, dependencies first."""
        resources = self._stack.template.get("Resources", {})
        for logical_id in _creation_order(resources):
            resource = resources[logical_id]
            expect(logical_id, resource, _RESOURCE)
            properties = self._resolve(logical_id, resource.get("Properties", {}))
            self._created[logical_id] = create(logical_id, resource["Type"], properties)

    def outputs(self) -> Iterator[dict[str, str]]:
        """Each output as DescribeStacks has it: text, whatever the template writes."""
        for name, output in self._stack.template.get("Outputs", {}).items():
            expect(name, output, _OUTPUT)
            described = {"Description": output["Description"]} if "Description" in output else {}
            yield {"OutputKey": name, "OutputValue": str(self._resolve(name, output["Value"])), **described}

    def _resolve(self, logical_id: str, value: object) -> Any:
        try:
            return self._resolved(value)
        except TemplateError as error:
            raise TemplateError(f"{self._stack.name}/{logical_id}: {error}") from error

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._resolved(item) for item in value]
        return self._function_or_object(value) if isinstance(value, dict) else value

    def _function_or_object(self, value: dict[str, Any]) -> Any:
        match list(value.items()):
            case [("Ref", name)]:
                return self._reference(name)
            case [("Fn::GetAtt", [logical_id, attribute])]:
                return self._attribute(logical_id, attribute)
            case [("Fn::Join", [delimiter, values])]:
                return str(delimiter).join(str(item) for item in self._resolved(values))
            case [("Fn::Sub", str(text))]:
                return _VARIABLE.sub(lambda found: str(self._reference(found[1])), text)
            case [(name, _)] if name.startswith("Fn::"):
                raise TemplateError(f"{name} is not an intrinsic function this program knows")
        return {key: self._resolved(item) for key, item in value.items()}

    def _parameter_values(self) -> dict[str, object]:
        given = self._stack.parameters
        values = dict(self._stack.pseudo_parameters)
        for name, parameter in self._stack.template.get("Parameters", {}).items():
            if name in given:
                values[name] = given[name]
            elif parameter["Type"] != _BOOTSTRAP_PARAMETER_TYPE and "Default" not in parameter:
                raise TemplateError(f"{self._stack.name}: parameter {name} has no value")
            else:
                values[name] = parameter.get("Default")
        return values

    def _reference(self, name: str) -> object:
        if name in self._parameters:
            return self._parameters[name]
        if name in self._created:
            return self._created[name].reference
        raise TemplateError(f"Ref of {name!r}, which is neither a parameter nor a resource")

    def _attribute(self, logical_id: str, attribute: str) -> object:
        if logical_id not in self._created:
            raise TemplateError(f"Fn::GetAtt of {logical_id!r}, which is not a resource")
        attributes = self._created[logical_id].attributes
        if attribute not in attributes:
            known = ", ".join(attributes) or "none"
            raise TemplateError(f"{logical_id} has no attribute {attribute!r} here; known: {known}")
        return attributes[attribute]


def _creation_order(resources: Mapping[str, Any]) -> list[str]:
    graph = {
        logical_id: (set(_references(resource)) & resources.keys()) - {logical_id}
        for logical_id, resource in resources.items()
    }
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise TemplateError(f"resources depend on each other in a circle: {circle}") from error


def _references(value: object) -> Iterator[str]:
    """Every name a part of a template refers to, by intrinsic function or DependsOn."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in {"Ref", "DependsOn"}:
                yield from [item] if isinstance(item, str) else item
            elif key == "Fn::GetAtt":
                yield item[0]
            elif key == "Fn::Sub" and isinstance(item, str):
                yield from _VARIABLE.findall(item)
            yield from _references(item)
