"""Service and resource control policies, what they are attached to, and the accounts they reach. Reads only.

Works in the management account and in any delegated administrator's: two calls for each policy, and one for
every twenty accounts.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from rootwarden.aws.clients import error_code, refusals
from rootwarden.aws.organizations import delegated_administrators, parent_id_of, state_of
from rootwarden.events import AccountId
from rootwarden.policies.service_control_policies import Policy
from rootwarden.policies.statements import read_statement, statements_in

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_organizations.type_defs import AccountTypeDef

_GONE = ("SUSPENDED", "PENDING_CLOSURE", "CLOSED")


class PolicyKind(StrEnum):
    """The kinds of policies that can stop root sessions, by AWS's names."""

    OF_SERVICES = "SERVICE_CONTROL_POLICY"
    OF_RESOURCES = "RESOURCE_CONTROL_POLICY"


class MalformedPolicy(Exception):
    """When a policy's document is not what AWS takes for one; names the policy and the place."""


@dataclass(frozen=True)
class Member:
    """An account and its place: the ids of the root, of each organizational unit, and its own."""

    account_id: AccountId
    name: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class AttachedPolicy:
    """A policy, and the id and name of each target it is attached to."""

    policy: Policy
    targets: Mapping[str, str]


@dataclass(frozen=True)
class ServiceControlPolicies:
    """The organization's service control policies; every method raises CallRefused."""

    client: "OrganizationsClient"
    _parents: dict[str, str] = field(default_factory=dict)

    def are_enabled(self, kind: PolicyKind = PolicyKind.OF_SERVICES) -> bool:
        """Say whether the organization uses policies of this kind at all."""
        with refusals():
            pages = self.client.get_paginator("list_roots").paginate()
            return any(
                found.get("Type") == kind and found.get("Status") == "ENABLED"
                for page in pages
                for root in page["Roots"]
                for found in root.get("PolicyTypes", ())
            )

    def names(self, kind: PolicyKind = PolicyKind.OF_SERVICES) -> Mapping[str, str]:
        """Return the id and name of every policy of this kind."""
        with refusals():
            pages = self.client.get_paginator("list_policies").paginate(Filter=kind.value)
            return {found["Id"]: found["Name"] for page in pages for found in page["Policies"]}

    def read(self, policy_id: str, name: str, kind: PolicyKind = PolicyKind.OF_SERVICES) -> AttachedPolicy:
        """Return a policy with its targets; raises MalformedPolicy as well."""
        with refusals():
            content = self.client.describe_policy(PolicyId=policy_id)["Policy"]["Content"]
            pages = self.client.get_paginator("list_targets_for_policy").paginate(PolicyId=policy_id)
            targets = {found["TargetId"]: found["Name"] for page in pages for found in page["Targets"]}
        policy = read_policy(policy_id, name, content)
        return AttachedPolicy(replace(policy, is_of_resources=kind is PolicyKind.OF_RESOURCES), targets)

    def session_openers(self) -> tuple[AccountId, ...]:
        """Return IAM's delegated administrators: beside the management account they open root sessions."""
        with refusals():
            return tuple(sorted(delegated_administrators(self.client)))

    def member(self, account_id: AccountId) -> Member | None:
        """Return one account, or None when it is not in the organization."""
        with refusals():
            try:
                return self._member(self.client.describe_account(AccountId=account_id)["Account"])
            except ClientError as error:
                if error_code(error) == "AccountNotFoundException":
                    return None
                raise

    def members(self) -> Iterator[Member]:
        """Return every account, but those suspended or closed: they take no root sessions anyway."""
        with refusals():
            for page in self.client.get_paginator("list_accounts").paginate():
                for found in page["Accounts"]:
                    if state_of(found) not in _GONE:
                        yield self._member(found)

    def _member(self, found: "AccountTypeDef") -> Member:
        account = found["Id"]
        # Paths look like o-…/r-…/ou-…/ou-…/account/, but older answers had none.
        path = tuple("".join(found.get("Paths", ())[:1]).strip("/").split("/")[1:])
        is_whole = path[:1] and path[0].startswith("r-") and path[-1] == account
        return Member(AccountId(account), found.get("Name", ""), path if is_whole else self._climb(account))

    def _climb(self, child: str) -> tuple[str, ...]:
        path = [child]
        while not path[0].startswith("r-"):
            if path[0] not in self._parents:
                self._parents[path[0]] = parent_id_of(self.client, path[0])
            path.insert(0, self._parents[path[0]])
        return tuple(path)


def read_policy(policy_id: str, name: str, content: str) -> Policy:
    """Read a policy's document; raises MalformedPolicy."""
    try:
        found = enumerate(statements_in(json.loads(content)), 1)
        return Policy(policy_id, name, tuple(read_statement(place, each) for place, each in found))
    except (ValueError, RecursionError) as error:
        raise MalformedPolicy(f"policy {name!r} ({policy_id}) cannot be read: {error}") from error
