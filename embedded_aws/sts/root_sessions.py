"""sts:AssumeRoot, which moto does not have, and the sessions clients of the embedded AWS hold."""

import json
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from secrets import choice, token_urlsafe
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from embedded_aws.calls import Call, CallRefusedError, Principal, access_denied
from embedded_aws.iam.policy_evaluation import Statement
from embedded_aws.organizations.state import OrganizationState

_TASK_POLICIES = Path(__file__).with_name("task_policies")
_TARGET = re.compile(r"(?P<arn>arn:aws:iam::)?(?P<account>\d{12})(?(arn):root)")
_KEY_CHARACTERS = string.ascii_uppercase + "234567"
_MOST_SECONDS = 900
_GLOBAL_HOST = "sts.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Temporary credentials, whose they are, and until when they serve (None: for ever)."""

    principal: Principal
    secret_access_key: str
    session_token: str
    expires: datetime | None = None

    def for_boto3(self) -> dict[str, str]:
        """Return the keyword arguments `boto3.client` takes."""
        return {
            "aws_access_key_id": self.principal.access_key_id,
            "aws_secret_access_key": self.secret_access_key,
            "aws_session_token": self.session_token,
        }


class Sessions:
    """Who holds which credentials."""

    def __init__(self, organization: OrganizationState) -> None:
        """Start without any."""
        self._organization = organization
        self._sessions: dict[str, Credentials] = {}

    def start(self, principal: Principal, seconds: int | None = None) -> Credentials:
        """Hand out credentials; the principal's access key id is chosen here."""
        now = self._organization.clock.now()
        access_key_id = "ASIA" + "".join(choice(_KEY_CHARACTERS) for _ in range(16))
        credentials = Credentials(
            principal=replace(principal, access_key_id=access_key_id, session_started=now),
            secret_access_key=token_urlsafe(30),
            session_token=token_urlsafe(90),
            expires=None if seconds is None else now + timedelta(seconds=seconds),
        )
        self._sessions[access_key_id] = credentials
        return credentials

    def administrator(self, account: str) -> Principal:
        """Return somebody who may do everything in the account."""
        arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        role = role_session(arn, "administrator")
        return replace(role, kind="administrator")

    def account_of(self, access_key_id: str) -> str:
        """Return whose key it is; an unknown caller is at home in the management account."""
        if credentials := self._sessions.get(access_key_id):
            return credentials.principal.account
        if user := self._organization.owner_of(access_key_id):
            return user.account
        for account, backends in list(iam_backends.items()):
            if any(access_key_id in backend.access_keys for backend in backends.values()):
                return account
        return self._organization.management_account_id

    def principal_of(self, access_key_id: str, partition: str) -> Principal:
        """Return who calls with the key; an unknown caller is an administrator."""
        if credentials := self._sessions.get(access_key_id):
            return credentials.principal
        account = self.account_of(access_key_id)
        if user := self._organization.owner_of(access_key_id):
            principal = Principal(kind="root_key", account=account, arn=user.arn)
        elif role := sts_backends[account][partition].get_assumed_role_from_access_key(access_key_id):
            principal = role_session(role.role_arn, role.session_name)
        else:
            principal = self.administrator(account)
        return replace(principal, access_key_id=access_key_id)

    def check(self, call: Call, session_token: str) -> None:
        """Refuse credentials that have expired, are incomplete or were deleted."""
        key = call.principal.access_key_id
        credentials, user = self._sessions.get(key), self._organization.owner_of(key)
        is_json = access_denied(call, "", "").code == "AccessDeniedException"
        if credentials and credentials.expires and call.time >= credentials.expires:
            code, http = ("ExpiredTokenException", 400) if is_json else ("ExpiredToken", 403)
            message = "The security token included in the request is expired"
            raise CallRefusedError(code, message, http)
        forged = credentials and session_token != credentials.session_token
        if forged or (user and not any(owned.id == key for owned in user.access_keys)):
            code, http = "UnrecognizedClientException" if is_json else "InvalidClientTokenId", 403
            message = "The security token included in the request is invalid."
            raise CallRefusedError(code, message, 400 if is_json else http)


def role_session(role_arn: str, session_name: str) -> Principal:
    """Return a session of a role."""
    _, partition, _, _, account, resource = role_arn.split(":", 5)
    name = resource.rpartition("/")[2]
    arn = f"arn:{partition}:sts::{account}:assumed-role/{name}/{session_name}"
    return Principal(kind="role_session", account=account, arn=arn, role_arn=role_arn)


def assume_root(call: Call, organization: OrganizationState, sessions: Sessions) -> dict[str, Any]:
    """Answer AssumeRoot with a session that carries the task policy."""
    check(call, organization)
    account = target_account(call.parameters)
    principal = Principal(
        kind="root_session",
        account=account,
        arn=f"arn:{call.partition}:iam::{account}:root",
        task_policy_arn=call.parameters["TaskPolicyArn"]["arn"],
    )
    seconds = int(call.parameters.get("DurationSeconds", _MOST_SECONDS))
    session = sessions.start(principal, seconds)
    credentials = {
        "AccessKeyId": session.principal.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": session.expires,
    }
    return {"Credentials": credentials}


@lru_cache
def task_policy(arn: str) -> tuple[Statement, ...] | None:
    """Return a task policy's statements; None when there is none."""
    match = re.fullmatch(r"arn:aws:iam::aws:policy/root-task/(\w+)", arn)
    document = _TASK_POLICIES / f"{match[1]}.json" if match else None
    if document is None or not document.is_file():
        return None
    return tuple(json.loads(document.read_text(encoding="utf-8"))["Statement"])


def target_account(parameters: Mapping[str, Any]) -> str:
    """Return the account an AssumeRoot call aims at, or the text it has in its place."""
    target = str(parameters.get("TargetPrincipal", ""))
    match = _TARGET.fullmatch(target)
    return match["account"] if match else target


def validate(call: Call) -> None:
    """Refuse a call that AWS turns down before it looks at who calls."""
    if call.host == _GLOBAL_HOST:
        raise CallRefusedError("InvalidAction", "Unknown Operation")
    _validate_duration(call.parameters.get("DurationSeconds", _MOST_SECONDS))
    policy_arn = (call.parameters.get("TaskPolicyArn") or {}).get("arn")
    if policy_arn is None:
        raise _constraint("null", "taskPolicyArn", "not be null")
    if call.parameters.get("TargetPrincipal") is None:
        raise _constraint("null", "targetPrincipal", "not be null")
    if task_policy(policy_arn) is None:
        raise _invalid("Request must contain valid AWS managed task policy ARN")
    if _TARGET.fullmatch(call.parameters["TargetPrincipal"]) is None:
        raise _invalid("Request must contain a valid target principal")


def check(call: Call, organization: OrganizationState) -> None:
    """Refuse a call by the wrong caller, at the wrong target, or for a feature that is off."""
    target = target_account(call.parameters)
    root = f"arn:{call.partition}:iam::{target}:root"
    refusal = access_denied(call, "sts:AssumeRoot", root)
    may_call = call.account == organization.management_account_id or (
        organization.is_delegated_administrator(call.account)
    )
    if call.principal.is_root or not may_call:
        raise refusal
    features = organization.features
    if not features.trusted_access:
        raise CallRefusedError("AccessDenied", "Service not enabled for AWS Organizations.", 403)
    name = call.parameters["TaskPolicyArn"]["arn"].rpartition("/")[2]
    is_on, feature = (
        (features.root_credentials_management, "Root credentials management")
        if name.startswith("IAM")
        else (features.root_sessions, "Root sessions")
    )
    if not is_on:
        message = f"{feature} feature is not enabled for your AWS Organization."
        raise CallRefusedError("AccessDenied", message, 403)
    if not organization.admits_root_sessions(target):
        raise refusal


def _validate_duration(seconds: int) -> None:
    if seconds > _MOST_SECONDS:
        limit = f"have value less than or equal to {_MOST_SECONDS}"
        raise _constraint(f"'{seconds}'", "durationSeconds", limit)
    if seconds < 0:
        raise _constraint(f"'{seconds}'", "durationSeconds", "have value greater than or equal to 0")


def _constraint(value: str, name: str, limit: str) -> CallRefusedError:
    return _invalid(
        f"1 validation error detected: Value {value} at '{name}' failed to satisfy constraint: "
        f"Member must {limit}"
    )


def _invalid(message: str) -> CallRefusedError:
    return CallRefusedError("ValidationError", message)
