"""Starts ministack with the organization-wide switches and StackSets that it lacks.

Run by the engine's own Python, not by the tests. Everything is entered into the engine's tables of
operations and resource types; where one of those is gone, the engine does not start.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Request = Mapping[str, Any]
    Operation = Callable[[Request], dict[str, Any]]
    Answer = tuple[int, dict[str, str], bytes]

_IAM_XML = "https://iam.amazonaws.com/doc/2010-05-08/"
_CLOUDFORMATION_XML = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


class Refused(Exception):
    """When AWS would refuse a call; the arguments are its code and its words."""


@dataclass
class Switches:
    """What is switched on in the organization of `management_account`."""

    management_account: str
    trusted_services: set[str] = field(default_factory=set)
    root_features: set[str] = field(default_factory=set)
    stack_sets_access: bool = False

    def enable_service(self, request: Request) -> dict[str, Any]:
        if _caller() != self.management_account:
            raise Refused("AccessDeniedException", "You don't have permissions to access this resource.")
        self.trusted_services.add(request["ServicePrincipal"])
        return {}

    def list_services(self, _: Request) -> dict[str, Any]:
        services = [{"ServicePrincipal": service} for service in sorted(self.trusted_services)]
        return {"EnabledServicePrincipals": services}

    def enable_feature(self, feature: str, _: Request) -> dict[str, Any]:
        caller = _caller()
        if caller != self.management_account:
            raise Refused(
                "CallerIsNotManagementAccountException",
                f"Caller account {caller} is not management account of the organization"
                " and cannot enable IAM features.",
            )
        if "iam.amazonaws.com" not in self.trusted_services:
            raise Refused(
                "ServiceAccessNotEnabledException",
                f"Trusted Access for IAM not enabled by organization of input account {caller}.",
            )
        self.root_features.add(feature)
        return self.list_features({})

    def list_features(self, _: Request) -> dict[str, Any]:
        return {"EnabledFeatures": sorted(self.root_features)}

    def activate_stack_sets(self, _: Request) -> dict[str, Any]:
        self.stack_sets_access = True
        return {}

    def describe_stack_sets_access(self, _: Request) -> dict[str, Any]:
        return {"Status": "ENABLED" if self.stack_sets_access else "DISABLED"}


@dataclass
class StackSets:
    """What CloudFormation was told of StackSets. Deploys nothing to anyone."""

    switches: Switches
    properties: dict[str, dict[str, Any]] = field(default_factory=dict)

    def create(self, _: str, properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
        if properties["PermissionModel"] == "SERVICE_MANAGED" and not self.switches.stack_sets_access:
            raise ValueError("You must enable organizations access to operate a service managed stack set")
        name = properties["StackSetName"]
        self.properties[name] = properties
        return f"{name}:{uuid4()}", {}

    def update(
        self, identifier: str, _: dict[str, Any], properties: dict[str, Any], _stack: str
    ) -> tuple[str, dict[str, str]]:
        self.properties[properties["StackSetName"]] = properties
        return identifier, {}

    def delete(self, _: str, properties: dict[str, Any]) -> None:
        del self.properties[properties["StackSetName"]]

    def list(self, _: Request) -> dict[str, Any]:
        return {"Summaries": [{"StackSetName": name} for name in sorted(self.properties)]}

    def describe(self, request: Request) -> dict[str, Any]:
        properties = self.properties[request["StackSetName"][0]]
        targets = [group["DeploymentTargets"] for group in properties["StackInstancesGroup"]]
        return {
            "StackSet": {
                **{name: properties[name] for name in ("StackSetName", "PermissionModel", "TemplateBody")},
                **{name: properties[name] for name in ("AutoDeployment", "ManagedExecution")},
                "OrganizationalUnitIds": [ou for target in targets for ou in target["OrganizationalUnitIds"]],
                "Regions": [
                    region for group in properties["StackInstancesGroup"] for region in group["Regions"]
                ],
            }
        }


def _on_one_metric(make: Callable[..., Any], *given: Any) -> Any:
    """Create or update an alarm on the first metric of a sum: the engine's alarms know no metric math."""
    return make(*(_one_metric(each) if isinstance(each, dict) else each for each in given))


def _one_metric(properties: dict[str, Any]) -> dict[str, Any]:
    metrics = [query["MetricStat"] for query in properties.get("Metrics", ()) if "MetricStat" in query]
    if not metrics:
        return properties
    first = metrics[0]
    one = {**first["Metric"], "Period": first["Period"], "Statistic": first["Stat"]}
    return {name: value for name, value in properties.items() if name != "Metrics"} | one


def _caller() -> str:
    return str(import_module("ministack.core.responses").get_account_id())


def _answer_in_json(operation: Operation, request: Request) -> Answer:
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    try:
        return 200, headers, json.dumps(operation(request)).encode()
    except Refused as refused:
        code, message = refused.args
        return 400, headers, json.dumps({"__type": code, "Message": message}).encode()


def _answer_in_xml(name: str, namespace: str, operation: Operation, request: Request) -> Answer:
    headers = {"Content-Type": "text/xml"}
    try:
        result = {f"{name}Result": operation(request), "ResponseMetadata": {"RequestId": str(uuid4())}}
        return 200, headers, f'<{name}Response xmlns="{namespace}">{_xml(result)}</{name}Response>'.encode()
    except Refused as refused:
        code, message = refused.args
        error = _xml({"Error": {"Type": "Sender", "Code": code, "Message": message}})
        return 400, headers, f'<ErrorResponse xmlns="{namespace}">{error}</ErrorResponse>'.encode()


def _xml(value: object) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(inner)}</{name}>" for name, inner in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{_xml(inner)}</member>" for inner in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


def _enter(module: str, table: str, entries: Mapping[str, object]) -> None:
    getattr(import_module(f"ministack.services.{module}"), table).update(entries)


def _in_xml(namespace: str, operations: Mapping[str, Operation]) -> dict[str, object]:
    return {
        name: partial(_answer_in_xml, name, namespace, operation) for name, operation in operations.items()
    }


def _add(switches: Switches, stack_sets: StackSets) -> None:
    services: dict[str, Operation] = {
        "EnableAWSServiceAccess": switches.enable_service,
        "ListAWSServiceAccessForOrganization": switches.list_services,
    }
    features: dict[str, Operation] = {
        f"EnableOrganizations{feature}": partial(switches.enable_feature, feature)
        for feature in ("RootCredentialsManagement", "RootSessions")
    }
    features["ListOrganizationsFeatures"] = switches.list_features
    stacks: dict[str, Operation] = {
        "ActivateOrganizationsAccess": switches.activate_stack_sets,
        "DescribeOrganizationsAccess": switches.describe_stack_sets_access,
        "ListStackSets": stack_sets.list,
        "DescribeStackSet": stack_sets.describe,
    }
    in_json = {name: partial(_answer_in_json, operation) for name, operation in services.items()}
    _enter("organizations", "_DISPATCH", in_json)
    _enter("iam", "_IAM_HANDLERS", _in_xml(_IAM_XML, features))
    _enter("cloudformation.handlers", "_ACTION_HANDLERS", _in_xml(_CLOUDFORMATION_XML, stacks))
    handlers = vars(import_module("ministack.services.cloudformation.provisioners"))["_RESOURCE_HANDLERS"]
    alarm = handlers["AWS::CloudWatch::Alarm"]
    alarm |= {how: partial(_on_one_metric, alarm[how]) for how in ("create", "update")}
    resource = {"create": stack_sets.create, "update": stack_sets.update, "delete": stack_sets.delete}
    _enter("cloudformation.provisioners", "_RESOURCE_HANDLERS", {"AWS::CloudFormation::StackSet": resource})


def _unpack_for_this_machine() -> None:
    """Leave out of unpacked layers what is compiled for Lambda's machine; the engine has its own of it."""
    unpack = zipfile.ZipFile.extractall

    def extractall(archive: zipfile.ZipFile, path: Any = None, *rest: Any) -> None:
        unpack(archive, path, *rest)
        shutil.rmtree(Path(path or ".") / "python" / "msgspec", ignore_errors=True)

    zipfile.ZipFile.extractall = extractall  # type: ignore[assignment, method-assign]


def _say_by_which_alias() -> None:
    """Let functions see the alias they were invoked by in their ARN; the engine leaves it out."""
    functions = import_module("ministack.services.lambda_svc")
    name = "_effective_func_record_for_qualifier"
    find: Callable[..., Any] = getattr(functions, name)

    def found(function: dict[str, Any] | None, qualifier: str | None) -> tuple[Any, Any]:
        record, config = find(function, qualifier)
        if record is None or function is None or qualifier not in function.get("aliases", {}):
            return record, config
        invoked = {**config, "FunctionArn": f"{function['config']['FunctionArn']}:{qualifier}"}
        return {**record, "config": invoked}, invoked

    setattr(functions, name, found)


def main() -> None:
    """Add, then serve until told to stop."""
    _unpack_for_this_machine()
    _say_by_which_alias()
    switches = Switches(os.environ["MANAGEMENT_ACCOUNT_ID"])
    _add(switches, StackSets(switches))
    import_module("ministack.app").main()


if __name__ == "__main__":
    main()
