"""The organization as it is now, and what moto's Organizations answers differently from AWS."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from moto.organizations import utils as moto_ids
from moto.organizations.models import (
    FakeAccount,
    OrganizationsBackend,
    organizations_backends,
)

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.clock import Clock
from embedded_aws.cloudformation.resource import Created, Creator, Resource
from embedded_aws.iam.root_credentials import RootUser
from embedded_aws.organizations.organization import IAM, Account, Features, Organization

_STATUS_OF_STATE = {"PENDING_ACTIVATION": "ACTIVE", "CLOSED": "SUSPENDED"}
_PAGE = 20
# The features of centralized root access, and the IAM operations that turn them.
_ATTRIBUTES = {
    "RootCredentialsManagement": "root_credentials_management",
    "RootSessions": "root_sessions",
}
_CHANGES: Mapping[str, tuple[str, bool]] = {
    f"{verb}OrganizationsRoot{name.removeprefix('Root')}": (name, is_on)
    for name in _ATTRIBUTES
    for verb, is_on in (("Enable", True), ("Disable", False))
}


class OrganizationState:
    """The organization behind the embedded AWS; moto's own records hold its accounts."""

    def __init__(self, organization: Organization, clock: Clock) -> None:
        """Take what the organization starts with; `establish` puts it into moto."""
        self.organization_id = organization.organization_id
        self.root_id = organization.root_id
        self.management_account_id = organization.management_account.id
        self.clock = clock
        self.features = replace(organization.features)
        self.root_users: dict[str, RootUser] = {}
        self._start = organization
        self._refuses_until: dict[str, datetime] = {}
        # Members that conditions on the organization do not know yet, as for minutes after they joined.
        self.not_known_yet: set[str] = set()
        # Regions by account; at first no account has opted in to any.
        self.opted_in: dict[str, set[str]] = defaultdict(set)

    def establish(self) -> None:
        """Create the organization in moto, with its accounts and units."""
        with (
            patch.object(moto_ids, "make_random_org_id", return_value=self.organization_id),
            patch.object(moto_ids, "make_random_root_id", return_value=self.root_id),
        ):
            self.records.create_organization(region="us-east-1", FeatureSet="ALL")
        management = self.records.get_account_by_id(self.management_account_id)
        management.name = self._start.management_account.name
        management.email = self._start.management_account.email
        self.root_user(self.management_account_id).give(self._start.management_account.root, self.clock.now())
        for unit in self._start.organizational_units:
            with patch.object(moto_ids, "make_random_ou_id", return_value=unit):
                name = self._start.unit_names.get(unit, unit)
                self.records.create_organizational_unit(ParentId=self.root_id, Name=name)
        for account in self._start.members:
            self.join(account)
        if self.features.trusted_access:
            self.records.enable_aws_service_access(ServicePrincipal=IAM)

    @property
    def records(self) -> OrganizationsBackend:
        """Where moto keeps the organization."""
        return organizations_backends[self.management_account_id]["aws"]

    def join(self, account: Account, *, joined_method: str = "CREATED") -> None:
        """Add an account with its root credentials; it may refuse AssumeRoot for a while."""
        now = self.clock.now()
        with patch.object(moto_ids, "make_random_account_id", return_value=account.id):
            self.records.create_account(AccountName=account.name, Email=account.email)
        record = self.records.get_account_by_id(account.id)
        record.joined_method = joined_method
        record.create_time -= timedelta(days=account.joined_days_ago)
        record.parent_id = account.organizational_unit or self.root_id
        tags = [{"Key": key, "Value": value} for key, value in account.tags.items()]
        self.records.tag_resource(ResourceId=account.id, Tags=tags)
        self.set_state(account.id, account.state)
        self.root_user(account.id).give(account.root, now)
        self._refuses_until[account.id] = now + timedelta(seconds=account.refuses_assume_root_for)

    def leave(self, account: str) -> None:
        """Take an account out of the organization; it keeps its root credentials."""
        self.records.admins = [a for a in self.records.admins if a.account.id != account]
        self.records.remove_account_from_organization(AccountId=account)

    def set_state(self, account: str, state: str) -> None:
        """Change an account's state, and the older status that goes with it."""
        record = self.records.get_account_by_id(account)
        record.state = state
        record.status = _STATUS_OF_STATE.get(state, state)

    def root_user(self, account: str) -> RootUser:
        """Return an account's root user; one that was never given credentials has none."""
        return self.root_users.setdefault(account, RootUser(account=account, created=self.clock.now()))

    def owner_of(self, access_key_id: str) -> RootUser | None:
        """Return whose long-term root access key it is or was."""
        users = self.root_users.values()
        return next((user for user in users if access_key_id in user.every_access_key_id), None)

    def is_member(self, account: str) -> bool:
        """Say whether the account belongs to the organization, the management account included."""
        return any(record.id == account for record in self.records.accounts)

    def is_delegated_administrator(self, account: str, service: str | None = IAM) -> bool:
        """Say whether the account is delegated administrator of the service (None: of any)."""
        return any(
            admin.account.id == account and (service is None or service in admin.services)
            for admin in self.records.admins
        )

    def admits_root_sessions(self, account: str) -> bool:
        """Say whether the account takes root sessions now."""
        if account == self.management_account_id or not self.is_member(account):
            return False
        is_active = self.records.get_account_by_id(account).state == "ACTIVE"
        refuses_until = self._refuses_until.get(account)
        return is_active and (refuses_until is None or self.clock.now() >= refuses_until)

    def describe(self, record: FakeAccount) -> dict[str, Any]:
        """Return an account as Organizations describes it today."""
        return {**record.describe(), "Paths": [self.path(record)]}

    def path(self, record: FakeAccount) -> str:
        """Return where an account is: organization, root and units down to it."""
        units = {unit.id: unit for unit in self.records.ou}
        path, parent = f"{record.id}/", units.get(record.parent_id)
        while parent:
            path, parent = f"{parent.id}/{path}", units.get(parent.parent_id or "")
        return f"{self.organization_id}/{path}"

    def answer(self, call: Call) -> dict[str, Any] | None:
        """Answer or refuse a call to Organizations; None when moto's own answer is as AWS's."""
        self._check_caller(call)
        parameters = call.parameters
        match call.operation:
            case "DescribeAccount":
                record = self.records.get_account_by_id(parameters["AccountId"])
                return {"Account": self.describe(record)}
            case "ListAccounts":
                return self._page(self.records.accounts, call)
            case "ListAccountsForParent":
                parent = self.records.validate_parent_id(parameters["ParentId"])
                inside = [record for record in self.records.accounts if record.parent_id == parent]
                return self._page(inside, call)
            case "EnableAWSServiceAccess" | "DisableAWSServiceAccess":
                self._turn_trusted_access(call)
            case "RegisterDelegatedAdministrator":
                self._check_delegate(parameters["AccountId"], parameters["ServicePrincipal"])
        return None

    def _check_caller(self, call: Call) -> None:
        if call.account == self.management_account_id or call.operation == "DescribeOrganization":
            return
        if not self.is_member(call.account):
            raise CallRefusedError(
                "AWSOrganizationsNotInUseException",
                "Your account is not a member of an organization.",
            )
        reads = call.operation.startswith(("Describe", "List"))
        if not (reads and self.is_delegated_administrator(call.account, service=None)):
            raise CallRefusedError(
                "AccessDeniedException", "You don't have permissions to access this resource."
            )

    def _page(self, records: Iterable[FakeAccount], call: Call) -> dict[str, Any]:
        # moto pages by joining time, which goes round in circles where accounts share one.
        described = [self.describe(record) for record in records]
        start = int(call.parameters.get("NextToken", 0))
        end = start + min(int(call.parameters.get("MaxResults", _PAGE)), _PAGE)
        more = {"NextToken": str(end)} if end < len(described) else {}
        return {"Accounts": described[start:end], **more}

    def _turn_trusted_access(self, call: Call) -> None:
        if call.parameters.get("ServicePrincipal") != IAM:
            return
        is_on = call.operation == "EnableAWSServiceAccess"
        if not is_on and any(IAM in admin.services for admin in self.records.admins):
            raise _constraint(
                "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
                "You must deregister all delegated administrators of this service first.",
            )
        self.features.trusted_access = is_on

    def _check_delegate(self, account: str, service: str) -> None:
        if account == self.management_account_id:
            raise _constraint(
                "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
                "You cannot register the management account as a delegated administrator.",
            )
        if service == IAM and not self.features.trusted_access:
            raise _constraint(
                "SERVICE_ACCESS_NOT_ENABLED",
                "You must enable service access before you register a delegated administrator.",
            )
        if self.is_member(account) and self.records.get_account_by_id(account).state != "ACTIVE":
            raise _constraint(
                "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
                "You cannot register a suspended account as a delegated administrator.",
            )


def _constraint(reason: str, message: str) -> CallRefusedError:
    return CallRefusedError("ConstraintViolationException", message, Reason=reason)


def enabled(features: Features) -> list[str]:
    """Return the features' names as IAM lists them."""
    return [name for name, attribute in _ATTRIBUTES.items() if getattr(features, attribute)]


def answer_about_features(call: Call, organization: OrganizationState) -> dict[str, Any] | None:
    """Answer an IAM call about the features; None when the call is not one."""
    change = _CHANGES.get(call.operation)
    if change is None and call.operation != "ListOrganizationsFeatures":
        return None
    _check_asker(call.account, organization)
    if change:
        name, is_on = change
        if is_on and call.account != organization.management_account_id:
            raise CallRefusedError(
                "CallerIsNotManagementAccountException",
                f"Caller account {call.account} is not management account of the organization "
                "and cannot enable IAM features.",
            )
    if not organization.features.trusted_access:
        raise CallRefusedError(
            "ServiceAccessNotEnabledException",
            f"Trusted Access for IAM not enabled by organization of input account {call.account}.",
        )
    if change:
        setattr(organization.features, _ATTRIBUTES[name], is_on)
    return {
        "OrganizationId": organization.organization_id,
        "EnabledFeatures": enabled(organization.features),
    }


def _check_asker(account: str, organization: OrganizationState) -> None:
    if account == organization.management_account_id:
        return
    if not organization.is_member(account):
        raise CallRefusedError(
            "OrganizationNotFoundException",
            f"Organization could not be found for input account {account}.",
        )
    if not organization.is_delegated_administrator(account):
        raise CallRefusedError(
            "AccountNotManagementOrDelegatedAdministratorException",
            f"Input account {account} is neither management account nor delegated admin.",
        )


def _policy(resource: Resource) -> Created:
    resource.expect("Name", "Type", "Content", "Description", "TargetIds")
    properties, client = resource.properties, resource.client("organizations")
    content = properties["Content"]
    policy = client.create_policy(
        Name=properties["Name"],
        Type=properties["Type"],
        Description=properties.get("Description", ""),
        Content=content if isinstance(content, str) else json.dumps(content),
    )["Policy"]["PolicySummary"]
    for target in properties.get("TargetIds", []):
        client.attach_policy(PolicyId=policy["Id"], TargetId=target)
    return Created(reference=policy["Id"], attributes={"Arn": policy["Arn"], "Id": policy["Id"]})


CREATORS: dict[str, Creator] = {"AWS::Organizations::Policy": _policy}
