"""The synthesized templates as plain dictionaries, and ways to look into them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk.cx_api import CloudAssembly

from rootwarden.contract.functions import Caller
from tests.assemblies import kept_assembly

MANAGEMENT, HUB = "111122223333", "222233334444"
ORGANIZATION = "o-aa111bb222"
PROTECTING_POLICY = "p-protects1"
CONFIGURATION: dict[str, Any] = {
    "management_account_id": MANAGEMENT,
    "organization_id": ORGANIZATION,
    "organization_root_id": "r-ab12",
    "hub_account_id": HUB,
    "hub_region": "us-east-1",
    "alert_emails": ["security@example.com"],
    "slack": {
        "workspace_id": "T012AB3C4D",
        "channel_id": "C012AB3C4D",
        "webhook_secret_arn": f"arn:aws:secretsmanager:us-east-1:{HUB}:secret:slack-AbCdEf",
    },
    "teams": {
        "tenant_id": "12345678-90ab-cdef-1234-567890abcdef",
        "team_id": "12345678-90ab-cdef-1234-567890abcdef",
        "channel_id": "19%3Aab%40thread.tacv2",
    },
    "identity_center": {
        "start_url": "https://d-1234567890.awsapps.com/start",
        "permission_set": "IncidentResponder",
    },
    "exemptions": [
        {"account": "444455556666", "reason": "Being migrated", "until": "2099-01-31"},
        {"ou": "ou-ab12-11111111", "reason": "Sandboxes", "until": "2099-01-31"},
    ],
    "forwarding_regions": ["us-east-1", "eu-west-1"],
    "deny_root_organizational_units": ["ou-ab12-22222222"],
    "protecting_policies": [PROTECTING_POLICY],
    "approval": {"approvers": [f"arn:aws:iam::{HUB}:role/Approvers", f"arn:aws:iam::{HUB}:user/omar"]},
}


@dataclass(frozen=True)
class Template:
    """One stack's template."""

    name: str
    body: Mapping[str, Any]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the resources of a type by logical id."""
        return {
            logical_id: resource
            for logical_id, resource in self.body["Resources"].items()
            if resource["Type"] == kind
        }

    def properties(self, kind: str) -> list[dict[str, Any]]:
        """Return the properties of every resource of a type."""
        return [resource.get("Properties", {}) for resource in self.of_type(kind).values()]

    def statements(self, role_id: str) -> list[dict[str, Any]]:
        """Return everything a role is allowed, without statement ids, its inline policies included."""
        documents = [
            policy["PolicyDocument"]
            for policy in self.properties("AWS::IAM::Policy")
            if {"Ref": role_id} in policy["Roles"]
        ]
        role = self.body["Resources"][role_id]["Properties"]
        documents += [policy["PolicyDocument"] for policy in role.get("Policies", [])]
        return [
            {key: value for key, value in statement.items() if key != "Sid"}
            for document in documents
            for statement in document["Statement"]
        ]

    def function_id(self, handler: str) -> str:
        """Return the logical id of the function with this handler."""
        functions = self.of_type("AWS::Lambda::Function").items()
        [found] = [i for i, each in functions if each["Properties"]["Handler"] == handler]
        return found

    def function(self, handler: str) -> dict[str, Any]:
        """Return the properties of the function with this handler."""
        properties: dict[str, Any] = self.body["Resources"][self.function_id(handler)]["Properties"]
        return properties

    def alias(self, handler: str, caller: Caller) -> dict[str, str]:
        """Return the reference to a caller's alias of the function with this handler."""
        function = self.function_id(handler)
        [found] = [
            i
            for i, each in self.of_type("AWS::Lambda::Alias").items()
            if (each["Properties"]["FunctionName"], each["Properties"]["Name"])
            == ({"Ref": function}, caller.value)
        ]
        return {"Ref": found}

    def role_of(self, handler: str) -> str:
        """Return the logical id of a function's role."""
        role_id: str = self.function(handler)["Role"]["Fn::GetAtt"][0]
        return role_id

    def queue_of(self, handler: str) -> str:
        """Return the logical id of the queue a function works off."""
        queue_id: str = self.function(handler)["Environment"]["Variables"]["QUEUE_URL"]["Ref"]
        return queue_id


@dataclass(frozen=True)
class Deployment:
    """Every template of one deployment."""

    directory: Path
    templates: Mapping[str, Template]

    @property
    def hub(self) -> Template:
        """The hub's template."""
        return self._named("RootWardenHub")

    @property
    def organization(self) -> Template:
        """The organization stack's template."""
        return self._named("RootWardenOrganization")

    def _named(self, name: str) -> Template:
        """Return a stack's template, whatever its name begins with."""
        [found] = [template for stack, template in self.templates.items() if stack.endswith(name)]
        return found

    @property
    def member(self) -> Template:
        """The template every member account gets."""
        stack_set, *_ = self.organization.properties("AWS::CloudFormation::StackSet")
        return Template("member", json.loads(stack_set["TemplateBody"]))

    def __iter__(self) -> Iterator[Template]:
        yield from (*self.templates.values(), self.member)

    def environments(self) -> dict[str, str]:
        """Return where each stack goes, as its cloud assembly says."""
        manifest = json.loads((self.directory / "manifest.json").read_text(encoding="utf-8"))
        return {
            name: artifact["environment"].removeprefix("aws://")
            for name, artifact in manifest["artifacts"].items()
            if artifact["type"] == "aws:cloudformation:stack"
        }


def synthesized(**changes: object) -> Deployment:
    """Return the app's own composition with the test configuration and `changes` to it."""
    directory = kept_assembly({**CONFIGURATION, **changes})
    assembly = CloudAssembly(str(directory))
    return Deployment(
        directory,
        {stack.stack_name: Template(stack.stack_name, stack.template) for stack in assembly.stacks},
    )


def definition(hub: Template) -> dict[str, Any]:
    """Return the definition of the sweep's state machine, with references as `<logical id>`."""
    [machine] = hub.properties("AWS::StepFunctions::StateMachine")
    parts = machine["DefinitionString"]["Fn::Join"][1]
    texts = [part if isinstance(part, str) else f"<{_referred(part)}>" for part in parts]
    found: dict[str, Any] = json.loads("".join(texts))
    return found


def _referred(part: dict[str, Any]) -> str:
    [value] = part.values()
    return str(value if isinstance(value, str) else value[0])


def arn(rest: str) -> dict[str, Any]:
    """Return an ARN of the deployment's own partition, as it stands in a template."""
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":{rest}"]]}


def get_arn(logical_id: str) -> dict[str, Any]:
    """Return the reference to a resource's ARN."""
    return {"Fn::GetAtt": [logical_id, "Arn"]}
