"""Builds events in the shapes AWS sends, for accounts and times of one's own choosing."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from embedded_aws.events.shape import Event, event_of, spelled_out, timestamp

_SERVICE_EVENT = "AWS Service Event via CloudTrail"
_API_CALL = "AWS API Call via CloudTrail"
_SIGN_IN = "AWS Console Sign In via CloudTrail"
_ADDRESS = "203.0.113.7"


def create_account_result(
    *, management: str, time: datetime, account: str | None, failure: str | None = None
) -> Event:
    """Return the end of an account's creation; AWS masks its name, and a failure has no id."""
    status = {
        "id": f"car-{uuid.uuid4().hex}",
        "state": "FAILED" if failure else "SUCCEEDED",
        "accountName": "****",
        "requestedTimestamp": spelled_out(time),
        "completedTimestamp": spelled_out(time),
    }
    extra = {"failureReason": failure} if failure else {"accountId": account}
    return _organizations_event(
        "CreateAccountResult", {"createAccountStatus": status | extra}, management, time
    )


def account_joined(*, management: str, time: datetime, account: str, method: str) -> Event:
    """Return AccountJoinedOrganization; `method` is CREATED or INVITED."""
    details = {"accountId": account, "joinedMethod": method, "joinedTime": spelled_out(time)}
    return _organizations_event("AccountJoinedOrganization", details, management, time)


def account_departed(*, management: str, time: datetime, account: str) -> Event:
    """Return AccountDepartedOrganization."""
    details = {
        "accountId": account,
        "departureMethod": "LEFT",
        "departedTime": spelled_out(time),
    }
    return _organizations_event("AccountDepartedOrganization", details, management, time)


def close_account_result(*, management: str, time: datetime, account: str) -> Event:
    """Return the end of an account's closure."""
    status = {
        "accountId": account,
        "state": "SUCCEEDED",
        "requestedTimestamp": spelled_out(time),
        "completedTimestamp": spelled_out(time),
    }
    return _organizations_event("CloseAccountResult", {"closeAccountStatus": status}, management, time)


def accept_handshake(*, management: str, time: datetime, account: str, organization: str) -> Event:
    """Return an invitation's acceptance, as the management account sees it."""
    handshake = f"h-{uuid.uuid4().hex[:20]}"
    arn = f"arn:aws:organizations::{management}:handshake/{organization}/invite/{handshake}"
    accepted = {
        "id": handshake,
        "arn": arn,
        "state": "ACCEPTED",
        "action": "INVITE",
        "parties": [
            {"type": "ORGANIZATION", "id": organization.removeprefix("o-")},
            {"type": "ACCOUNT", "id": account},
        ],
        "resources": [],
    }
    role = {
        "type": "AssumedRole",
        "accountId": account,
        "principalId": "AROAEXAMPLE:admin",
        "arn": f"arn:aws:sts::{account}:assumed-role/Admin/admin",
    }
    detail = _detail("organizations.amazonaws.com", "AcceptHandshake", role, time) | {
        "requestParameters": {"handshakeId": handshake},
        "responseElements": {"handshake": accepted},
        "eventType": "AwsApiCall",
        "recipientAccountId": management,
    }
    return _event("aws.organizations", _API_CALL, management, time, detail)


def managed_account(
    did: str, *, management: str, time: datetime, account: str, name: str, region: str = "us-east-1"
) -> Event:
    """Return Control Tower's Create- or UpdateManagedAccount, in its home Region; `did`: create or update.

    It updates an account that is enrolled again.
    """
    status = {
        "organizationalUnit": {
            "organizationalUnitName": "Custom",
            "organizationalUnitId": "ou-ab12-l3zc8b3h",
        },
        "account": {"accountName": name, "accountId": account},
        "state": "SUCCEEDED",
        "message": f"AWS Control Tower successfully {did}d a managed account.",
    }
    service = {"accountId": management, "invokedBy": "AWS Internal"}
    named = f"{did.title()}ManagedAccount"
    detail = _detail("controltower.amazonaws.com", named, service, time) | {
        "eventType": "AwsServiceEvent",
        "serviceEventDetails": {f"{did}ManagedAccountStatus": status},
    }
    return _event("aws.controltower", _SERVICE_EVENT, management, time, detail, region=region)


def root_sign_in(*, account: str, time: datetime, succeeded: bool = True, mfa: bool = False) -> Event:
    """Return a root user's sign-in to the console."""
    detail = _detail("signin.amazonaws.com", "ConsoleLogin", _root(account, ""), time) | {
        "eventType": "AwsConsoleSignIn",
        "responseElements": {"ConsoleLogin": "Success" if succeeded else "Failure"},
        "additionalEventData": {"MobileVersion": "No", "MFAUsed": "Yes" if mfa else "No"},
        "recipientAccountId": account,
        **({} if succeeded else {"errorMessage": "Failed authentication"}),
    }
    return _event("aws.signin", _SIGN_IN, account, time, detail)


def root_api_call(
    *,
    account: str,
    time: datetime,
    action: str = "iam:CreateUser",
    access_key_id: str = "AKIAIOSFODNN7EXAMPLE",
    read_only: bool = False,
    region: str = "us-east-1",
) -> Event:
    """Return an API call of a root user; the default key is a long-term one (AKIA…)."""
    service, _, name = action.partition(":")
    root = _root(account, access_key_id)
    detail = _detail(f"{service}.amazonaws.com", name, root, time) | {
        "eventType": "AwsApiCall",
        "awsRegion": region,
        "readOnly": read_only,
        "recipientAccountId": account,
    }
    return _event(f"aws.{service}", _API_CALL, account, time, detail, region=region)


def _organizations_event(
    name: str, service_event_details: Mapping[str, Any], management: str, time: datetime
) -> Event:
    service = {"accountId": management, "invokedBy": "organizations.amazonaws.com"}
    detail = _detail("organizations.amazonaws.com", name, service, time) | {
        "sourceIPAddress": "organizations.amazonaws.com",
        "userAgent": "organizations.amazonaws.com",
        "eventType": "AwsServiceEvent",
        "recipientAccountId": management,
        "serviceEventDetails": dict(service_event_details),
    }
    return _event("aws.organizations", _SERVICE_EVENT, management, time, detail)


def _event(
    source: str, detail_type: str, account: str, time: datetime, detail: Mapping[str, Any], **place: str
) -> Event:
    place = {"region": "us-east-1", **place}
    return event_of(source, detail_type, detail, account=account, time=time, **place)


def _detail(source: str, name: str, identity: Mapping[str, Any], time: datetime) -> dict[str, Any]:
    return {
        "eventVersion": "1.08",
        "userIdentity": dict(identity),
        "eventTime": timestamp(time),
        "eventSource": source,
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": _ADDRESS,
        "userAgent": "Mozilla/5.0",
        "requestParameters": None,
        "responseElements": None,
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "managementEvent": True,
        "eventCategory": "Management",
    }


def _root(account: str, access_key_id: str) -> dict[str, str]:
    return {
        "type": "Root",
        "principalId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "accountId": account,
        "accessKeyId": access_key_id,
    }
