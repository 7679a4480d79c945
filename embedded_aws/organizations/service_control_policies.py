"""Service control policies on root sessions: whatever one denies on an account's path is refused."""

import json
from collections.abc import Iterator

from moto.organizations.models import (
    FakeAccount,
    FakeOrganizationalUnit,
    FakeRoot,
    OrganizationsBackend,
)

from embedded_aws.calls import Call, access_denied
from embedded_aws.iam.authorization import Authorization
from embedded_aws.iam.policy_evaluation import (
    AccessRequest,
    Decision,
    Statement,
    UnknownPolicyElementError,
    evaluate,
)

_TYPE = "SERVICE_CONTROL_POLICY"


def check(call: Call, records: OrganizationsBackend, authorization: Authorization) -> None:
    """Refuse a root user's call that a policy denies; what policies do not allow is not looked at."""
    if not call.principal.is_root or call.account == records.account_id:
        return
    statements = list(_statements(call.account, records))
    for need in authorization.needs_or_name(call) if statements else ():
        request = AccessRequest(
            need.action, need.resource, authorization.context_of(call, need, is_member=True)
        )
        try:
            is_denied = evaluate(statements, request) is Decision.EXPLICITLY_DENIED
        except UnknownPolicyElementError as error:
            raise access_denied(call, need.action, need.resource, f" because {error} is unknown") from error
        if is_denied:
            reason = " with an explicit deny in a service control policy"
            raise access_denied(call, need.action, need.resource, reason)


def _statements(account: str, records: OrganizationsBackend) -> Iterator[Statement]:
    units = {unit.id: unit for unit in records.ou}
    if not any(_is_enabled(unit) for unit in records.ou if isinstance(unit, FakeRoot)):
        return
    level: FakeAccount | FakeOrganizationalUnit | None
    level = next((each for each in records.accounts if each.id == account), None)
    while level is not None:
        for policy in level.attached_policies:
            if policy.type == _TYPE:
                written = json.loads(str(policy.content))["Statement"]
                yield from [written] if isinstance(written, dict) else written
        level = units.get(level.parent_id or "")


def _is_enabled(root: FakeRoot) -> bool:
    return any(enabled["Type"] == _TYPE for enabled in root.policy_types)
