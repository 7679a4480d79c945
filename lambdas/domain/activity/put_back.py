"""The command that puts back what was taken from the watch, ready to be pasted."""

import shlex

from lambdas.domain.activity.watched_resources import STACK_SET, STACK_SETS, Owner, WatchedResource
from lambdas.domain.cloudtrail import CloudTrailRecord

_HOME = "us-east-1"
_ROOT = "$(aws organizations list-roots --query 'Roots[0].Id' --output text)"


def put_back(record: CloudTrailRecord, resource: WatchedResource) -> str:
    """Return the command that puts a resource of ours back, wherever it was deployed from."""
    if record.event_name == "DisableRule":
        rule = shlex.quote(resource.name)
        bus = " --event-bus-name rootwarden" if _is_on_bus(record) else ""
        return f"aws events enable-rule --region {shlex.quote(record.region)} --name {rule}{bus}"
    if resource.owner is Owner.STACK_INSTANCE:
        return _stack_instance(record)
    if resource.name in STACK_SETS:
        return "rootctl doctor" if record.event_name == "DeleteStackInstances" else "make deploy"
    if record.event_name == "DeleteStack":
        return "make deploy"
    return revert(*_stack(record, resource))


def revert(stack: str, region: str) -> str:
    """Return the command that brings a stack's resources back to what its template says."""
    where = f"--region {shlex.quote(region)} --stack-name {shlex.quote(stack)} --change-set-name put-back"
    return (
        f"aws cloudformation create-change-set {where} --use-previous-template --capabilities CAPABILITY_IAM"
        f" --deployment-mode REVERT_DRIFT && aws cloudformation wait change-set-create-complete {where}"
        f" && aws cloudformation execute-change-set {where}"
    )


def _stack_instance(record: CloudTrailRecord) -> str:
    # The second call is refused as long as the first one's operation goes on.
    return (
        f'instance() {{ aws cloudformation "$@" --region {_HOME} --stack-set-name {STACK_SET}'
        f" --regions {_region(record)} --deployment-targets OrganizationalUnitIds={_ROOT}"
        f",Accounts={record.account_id},AccountFilterType=INTERSECTION; }};"
        " instance delete-stack-instances --no-retain-stacks &&"
        " until instance create-stack-instances; do sleep 20; done"
    )


def _is_on_bus(record: CloudTrailRecord) -> bool:
    bus = record.detail.optional_text("requestParameters", "eventBusName") or "default"
    return bus.rpartition("/")[2] == "rootwarden"


def _stack(record: CloudTrailRecord, resource: WatchedResource) -> tuple[str, str]:
    region = _region(record)
    if resource.owner is Owner.HUB:
        return "RootWardenHub", region
    if resource.name.startswith("RootWardenForwarding-"):
        return f"RootWardenForwarding-{region}", region
    return "RootWardenOrganization", _HOME


def _region(record: CloudTrailRecord) -> str:
    # IAM has one Region for all: which stack's role it was, people must look up.
    return "REGION" if record.event_source == "iam.amazonaws.com" else shlex.quote(record.region)
