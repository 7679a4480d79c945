"""One deployment from an empty account to an empty account, and what was there in between."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tests.deploy.cdk_command_line import CdkCommandLine, CdkRun
from tests.deploy.deployed_resources import DeployedResources, deployed_resources
from tests.deploy.event_journey import email_about
from tests.deploy.local_engine import REGION, LocalEngine

MANAGEMENT = "111122223333"
EMAIL = "security@example.com"
OTHER_REGION = "eu-west-1"
STACKS = ("RootWardenHub", "RootWardenOrganization", f"RootWardenForwarding-{OTHER_REGION}")


class CommandFailed(Exception):
    """When a command that should succeed did not; the message is all it printed."""


@dataclass(frozen=True)
class OrganizationSwitches:
    """What is on in the organization."""

    trusted_services: list[str]
    root_features: list[str]
    stack_sets_access: str


@dataclass(frozen=True)
class Moment:
    """Everything there is at one moment."""

    resources: DeployedResources
    other_region: DeployedResources
    switches: OrganizationSwitches


@dataclass(frozen=True)
class Lifecycle:
    """The moments between the commands, and what was tried while the deployment stood."""

    organization_id: str
    organization_root_id: str
    bootstrapped: Moment
    deployed: Moment
    templates: Mapping[str, Mapping[str, Any]]
    member: DeployedResources
    second_run: CdkRun
    deployed_again: Moment
    email: str
    destroyed: Moment

    @classmethod
    def run_through(cls, engine: LocalEngine) -> "Lifecycle":
        """Bootstrap, deploy, deploy again, send one event through, destroy."""
        organizations = engine.client("organizations", MANAGEMENT)
        organization_id = organizations.describe_organization()["Organization"]["Id"]
        root_id = organizations.list_roots()["Roots"][0]["Id"]
        cdk = CdkCommandLine(engine, MANAGEMENT, configuration(MANAGEMENT, organization_id, root_id))
        _succeeded(cdk.bootstrap())
        bootstrapped = _moment(engine)
        _succeeded(cdk.deploy())
        deployed = _moment(engine)
        templates = {stack: _template(engine, stack) for stack in STACKS}
        member = _deploy_to_a_member(engine, deployed.resources)
        second_run = _succeeded(cdk.deploy())
        deployed_again = _moment(engine)
        email = email_about(engine, MANAGEMENT, deployed.resources)
        _succeeded(cdk.destroy())
        return cls(
            organization_id=organization_id,
            organization_root_id=root_id,
            bootstrapped=bootstrapped,
            deployed=deployed,
            templates=templates,
            member=member,
            second_run=second_run,
            deployed_again=deployed_again,
            email=email,
            destroyed=_moment(engine),
        )


def configuration(account: str, organization_id: str, organization_root_id: str) -> dict[str, object]:
    """Return the configuration with everything in `account`, whose second Region forwards."""
    return {
        "management_account_id": account,
        "organization_id": organization_id,
        "organization_root_id": organization_root_id,
        "hub_account_id": account,
        "hub_region": REGION,
        "alert_emails": [EMAIL],
        "forwarding_regions": [REGION, OTHER_REGION],
    }


def organization_switches(engine: LocalEngine) -> OrganizationSwitches:
    """Ask the engine, as the management account, what is on."""
    trusted = engine.client("organizations", MANAGEMENT).list_aws_service_access_for_organization()
    features = engine.client("iam", MANAGEMENT).list_organizations_features()
    access = engine.client("cloudformation", MANAGEMENT).describe_organizations_access()
    return OrganizationSwitches(
        trusted_services=[entry["ServicePrincipal"] for entry in trusted["EnabledServicePrincipals"]],
        root_features=features.get("EnabledFeatures", []),
        stack_sets_access=access["Status"],
    )


def _moment(engine: LocalEngine) -> Moment:
    return Moment(
        resources=deployed_resources(engine, MANAGEMENT),
        other_region=deployed_resources(engine, MANAGEMENT, OTHER_REGION),
        switches=organization_switches(engine),
    )


def _succeeded(run: CdkRun) -> CdkRun:
    if not run.succeeded:
        raise CommandFailed(run.output)
    return run


def _template(engine: LocalEngine, stack: str) -> Mapping[str, Any]:
    region = OTHER_REGION if stack.endswith(OTHER_REGION) else REGION
    cloudformation = engine.client("cloudformation", MANAGEMENT, region)
    body = cloudformation.get_template(StackName=stack)["TemplateBody"]
    # It is what the command line sent: JSON in a bucket, or YAML in the request.
    template: Mapping[str, Any] = yaml.safe_load(body) if isinstance(body, str) else body
    return template


def _deploy_to_a_member(engine: LocalEngine, deployed: DeployedResources) -> DeployedResources:
    """Give a member account what the StackSet holds for it, as StackSets would."""
    organizations = engine.client("organizations", MANAGEMENT)
    created = organizations.create_account(AccountName="payments", Email="payments@example.com")
    member = created["CreateAccountStatus"]["AccountId"]
    [stack_set] = deployed.stack_sets.values()
    cloudformation = engine.client("cloudformation", member)
    cloudformation.create_stack(
        StackName="StackSet-rootwarden-forwarding",
        TemplateBody=stack_set["TemplateBody"],
        Capabilities=["CAPABILITY_IAM"],
    )
    completed = cloudformation.get_waiter("stack_create_complete")
    completed.wait(StackName="StackSet-rootwarden-forwarding", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return deployed_resources(engine, member)
