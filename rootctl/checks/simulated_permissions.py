"""What IAM's policy simulator says a principal may do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from lambdas.adapters.refusals import error_code, refusals
from rootctl.aws import AwsSession

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import ContextEntryTypeDef

_SINGLE_SIGN_ON = "AWSReservedSSO_"


@dataclass(frozen=True)
class SimulatedPermissions:
    """One principal: a role's or a user's ARN."""

    client: "IAMClient"
    principal: str

    @classmethod
    def of(cls, session: AwsSession, caller: str) -> Self:
        """Take the role behind a caller's session; raises CallRefused."""
        client: IAMClient = session.client("iam")
        return cls(client, _principal(client, caller))

    def denied(
        self, actions: Sequence[str], resources: Sequence[str], context: Mapping[str, str] | None = None
    ) -> list[str]:
        """Return the actions that are not allowed on every resource; raises CallRefused."""
        entries: list[ContextEntryTypeDef] = [
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in (context or {}).items()
        ]
        pages = self.client.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=self.principal,
            ActionNames=actions,
            ResourceArns=resources,
            ContextEntries=entries,
        )
        with refusals():
            judged = [each for page in pages for each in page["EvaluationResults"]]
        refused = {each["EvalActionName"] for each in judged if each["EvalDecision"] != "allowed"}
        return [action for action in actions if action in refused]

    def granting(self, actions: Sequence[str], resources: Sequence[str]) -> str:
        """Return the command that allows the actions, or where no command can, what to do."""
        kind, _, path = self.principal.rpartition(":")[2].partition("/")
        name = path.rpartition("/")[2]
        statement = {"Effect": "Allow", "Action": [*actions], "Resource": [*resources]}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        if name.startswith(_SINGLE_SIGN_ON):
            permission_set = name.removeprefix(_SINGLE_SIGN_ON).rpartition("_")[0]
            return (
                f"Add to the permission set {permission_set} in IAM Identity Center: {json.dumps(statement)}"
            )
        return (
            f"aws iam put-{kind}-policy --{kind}-name {name} --policy-name rootctl"
            f" --policy-document '{document}'"
        )


def _principal(client: "IAMClient", caller: str) -> str:
    """Return the ARN of the role behind a session, whose path the session's ARN leaves out."""
    partition, account, resource = caller.split(":")[1], caller.split(":")[4], caller.split(":", 5)[5]
    if not resource.startswith("assumed-role/"):
        return caller
    name = resource.split("/")[1]
    with refusals():
        try:
            return client.get_role(RoleName=name)["Role"]["Arn"]
        except ClientError as error:
            if error_code(error) not in {"AccessDenied", "NoSuchEntity"}:
                raise
            # Most roles have no path, and the simulator refuses an ARN it does not know.
            return f"arn:{partition}:iam::{account}:role/{name}"
