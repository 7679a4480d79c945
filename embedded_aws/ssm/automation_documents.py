"""Automation runbooks as people fill them in: which this program knows, and their variables."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from embedded_aws.calls import leaves_changed
from embedded_aws.cloudformation.resource import Created, Creator, Resource, TemplateError, expect

_TOP = frozenset({"schemaVersion", "description", "assumeRole", "parameters", "mainSteps", "outputs"})
_STEP = frozenset({"name", "action", "timeoutSeconds", "maxAttempts", "onFailure", "isEnd", "inputs"})
_INPUTS: Mapping[str, frozenset[str]] = {
    "aws:approve": frozenset({"Approvers", "Message", "MinRequiredApprovals", "NotificationArn"}),
    "aws:invokeLambdaFunction": frozenset({"FunctionName", "InputPayload", "Qualifier"}),
}
_PARAMETER = frozenset({"type", "description", "default", "allowedPattern", "allowedValues"})
_VARIABLE = re.compile(r"\{\{\s*([\w:.]+)\s*\}\}")
_LONGEST_VALUE, _LONGEST_MESSAGE, _MOST_APPROVERS = 512, 4096, 10

Document = Mapping[str, Any]


class ParametersError(ValueError):
    """When what somebody filled in does not fit the runbook."""


def check_document(document: Document) -> None:
    """Refuse a runbook that this program would not carry out as AWS does."""
    expect("the document", document, _TOP)
    if document.get("schemaVersion") != "0.3" or not document.get("assumeRole"):
        raise TemplateError("takes schemaVersion 0.3 and an assumeRole")
    for name, parameter in document.get("parameters", {}).items():
        expect(f"parameter {name}", parameter, _PARAMETER)
        if parameter["type"] != "String":
            raise TemplateError(f"parameter {name} is no String, all this program knows")
    for step in document["mainSteps"]:
        _check_step(step, document.get("parameters", {}))


def _check_step(step: Document, parameters: Mapping[str, Any]) -> None:
    expect("a step", step, _STEP)
    if step["action"] not in _INPUTS:
        raise TemplateError(f"action {step['action']} is not known to this program")
    if (step.get("onFailure", "Abort"), step.get("maxAttempts", 1)) != ("Abort", 1):
        raise TemplateError(f"step {step['name']} does not end with its first failure")
    inputs = step["inputs"]
    expect(f"step {step['name']}", inputs, _INPUTS[step["action"]])
    filled_in(inputs, {**dict.fromkeys(parameters, ""), "automation:EXECUTION_ID": ""})
    if step["action"] == "aws:approve":
        _check_approval(inputs)


def _check_approval(inputs: Mapping[str, Any]) -> None:
    approvers: Sequence[str] = inputs["Approvers"]
    if not 1 <= inputs.get("MinRequiredApprovals", 1) <= len(approvers) <= _MOST_APPROVERS:
        raise TemplateError("takes 1 to 10 approvers, and no more required approvals than approvers")
    if not inputs["NotificationArn"].rpartition(":")[2].startswith("Automation"):
        raise TemplateError("the name of a topic for approvals begins with Automation")
    if len(inputs["Message"]) > _LONGEST_MESSAGE:
        raise TemplateError(f"a message holds {_LONGEST_MESSAGE} characters")


def read_parameters(document: Document, given: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return every parameter's value, defaults filled in; raises ParametersError."""
    known: Mapping[str, Any] = document.get("parameters", {})
    if unknown := sorted(given.keys() - known.keys()):
        raise ParametersError(f"Parameters {', '.join(unknown)} are not in the document")
    return {name: _value(name, parameter, given.get(name)) for name, parameter in known.items()}


def _value(name: str, parameter: Mapping[str, Any], given: Sequence[str] | None) -> str:
    values = [parameter["default"]] if given is None and "default" in parameter else given
    if not values or len(values) != 1 or len(values[0]) > _LONGEST_VALUE:
        raise ParametersError(f"Parameter {name} takes one value of up to {_LONGEST_VALUE} characters")
    value = str(values[0])
    if not re.search(parameter.get("allowedPattern", ""), value):
        raise ParametersError(f"Parameter {name} does not match {parameter['allowedPattern']}")
    if value not in parameter.get("allowedValues", [value]):
        raise ParametersError(f"Parameter {name} is not one of {parameter['allowedValues']}")
    return value


def filled_in(value: Any, variables: Mapping[str, str]) -> Any:
    """Return a step's inputs with variables in place; raises TemplateError for an unknown one."""

    def fill(match: re.Match[str]) -> str:
        if match[1] not in variables:
            raise TemplateError(f"there is no variable {match[0]}")
        return variables[match[1]]

    return leaves_changed(value, lambda leaf: _VARIABLE.sub(fill, leaf) if isinstance(leaf, str) else leaf)


def _create_document(resource: Resource) -> Created:
    # How a later change is made changes nothing here.
    kinds = resource.settings("DocumentType", "DocumentFormat", besides=("Name", "Content", "UpdateMethod"))
    name, content = resource.name("Name", longest=128), resource.properties["Content"]
    if kinds.get("DocumentType") != "Automation":
        raise TemplateError(f"{resource.logical_id} is no automation, all this program knows")
    check_document(content)
    resource.client("ssm").create_document(Name=name, Content=json.dumps(content), **kinds)
    return Created(reference=name)


CREATORS: dict[str, Creator] = {"AWS::SSM::Document": _create_document}
