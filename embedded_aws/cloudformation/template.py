"""Reads one CloudFormation template: the order of its resources and their resolved properties."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from embedded_aws.cloudformation.intrinsics import NO_VALUE, Intrinsics, TemplateError, references

# Checked by the CDK command line before it deploys; nothing here depends on the bootstrap stack.
_BOOTSTRAP_PARAMETER_TYPE = "AWS::SSM::Parameter::Value<String>"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Where a stack is deployed, and what other stacks export there."""

    account: str
    region: str
    stack_name: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    exports: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def partition(self) -> str:
        """The partition the Region belongs to."""
        prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        found = (name for prefix, name in prefixes.items() if self.region.startswith(prefix))
        return next(found, "aws")

    @cached_property
    def stack_id(self) -> str:
        """The stack's ARN."""
        stack = f"stack/{self.stack_name}/00000000-0000-0000-0000-000000000000"
        return f"arn:{self.partition}:cloudformation:{self.region}:{self.account}:{stack}"

    @cached_property
    def pseudo_parameters(self) -> dict[str, object]:
        """What `Ref: AWS::…` answers."""
        return {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::URLSuffix": "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com",
            "AWS::StackName": self.stack_name,
            "AWS::StackId": self.stack_id,
            "AWS::NotificationARNs": [],
            "AWS::NoValue": NO_VALUE,
        }


@dataclass(frozen=True, kw_only=True)
class Created:
    """A created resource as the rest of the template sees it: its Ref and its attributes."""

    reference: str
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Output:
    """What a stack tells of itself; `export_name` is set where other stacks may use it."""

    key: str
    value: object
    description: str | None = None
    export_name: str | None = None


class Template:
    """One template being deployed into one environment."""

    def __init__(self, document: Mapping[str, Any], environment: Environment) -> None:
        """Resolve parameters and conditions; resources follow one by one, as they are created."""
        self._document = document
        self._created: dict[str, Created] = {}
        self._environment = environment
        self._parameters = self._parameter_values()
        self._intrinsics = Intrinsics(
            reference=self._reference,
            attribute=self._attribute,
            condition=self._condition,
            mappings=document.get("Mappings", {}),
            exports=environment.exports,
        )

    @property
    def resources(self) -> Mapping[str, Any]:
        """The resources whose condition holds, as the template writes them."""
        return {
            logical_id: resource
            for logical_id, resource in self._document.get("Resources", {}).items()
            if "Condition" not in resource or self._condition(resource["Condition"])
        }

    def deploy(self, create: Callable[[str, str, dict[str, Any]], Created]) -> None:
        """Call `create(logical id, type, properties)` for every resource, dependencies first."""
        resources = self.resources
        for logical_id in self._creation_order():
            resource = resources[logical_id]
            properties = self._resolve(logical_id, resource.get("Properties", {}))
            self._created[logical_id] = create(logical_id, resource["Type"], properties)

    def outputs(self) -> Iterator[Output]:
        """Each output whose condition holds."""
        for name, output in self._document.get("Outputs", {}).items():
            if "Condition" not in output or self._condition(output["Condition"]):
                resolved = self._resolve(name, {k: v for k, v in output.items() if k != "Condition"})
                yield Output(
                    key=name,
                    value=resolved["Value"],
                    description=resolved.get("Description"),
                    export_name=resolved.get("Export", {}).get("Name"),
                )

    def _creation_order(self) -> list[str]:
        resources = self.resources
        graph = {
            logical_id: (set(references(resource)) & resources.keys()) - {logical_id}
            for logical_id, resource in resources.items()
        }
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = " → ".join(error.args[1])
            raise TemplateError(f"resources depend on each other in a circle: {circle}") from error

    def _resolve(self, logical_id: str, value: object) -> Any:
        try:
            return self._intrinsics.resolve(value)
        except TemplateError as error:
            raise TemplateError(f"{self._environment.stack_name}/{logical_id}: {error}") from error

    def _parameter_values(self) -> dict[str, object]:
        given = self._environment.parameters
        values = dict(self._environment.pseudo_parameters)
        for name, parameter in self._document.get("Parameters", {}).items():
            if name in given:
                values[name] = given[name]
            elif parameter["Type"] != _BOOTSTRAP_PARAMETER_TYPE and "Default" not in parameter:
                raise TemplateError(f"{self._environment.stack_name}: parameter {name} has no value")
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

    def _condition(self, name: str) -> bool:
        conditions = self._document.get("Conditions", {})
        if name not in conditions:
            raise TemplateError(f"condition {name!r} is not defined")
        return bool(self._intrinsics.resolve(conditions[name]))
