"""Which calls become CloudTrail events, as EventBridge gets them, and who sees which trails."""

import itertools
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from moto.cloudtrail.models import Trail, cloudtrail_backends

from embedded_aws.calls import Call, Principal, leaves_changed, redacted
from embedded_aws.events.shape import Event, event_of, spelled_out, timestamp
from embedded_aws.organizations.organization import IAM

_API_CALL = "AWS API Call via CloudTrail"
_GLOBAL_SERVICES = frozenset({"iam", "organizations"})
_SERVICE_CHANGES = frozenset(
    {
        "DeregisterDelegatedAdministrator",
        "DisableAWSServiceAccess",
        "EnableAWSServiceAccess",
        "RegisterDelegatedAdministrator",
    }
)
_EVENT_SOURCES = {"stepfunctions": "states", "cloudwatch": "monitoring"}


class CloudTrail:
    """Turns calls into events, delivered in the thread that made the call."""

    def __init__(self, deliver: Callable[[Event], None] | None, management: str) -> None:
        """Deliver to `deliver` what a trail records; None keeps it switched off."""
        self._deliver = deliver
        self._management = management
        self._numbers = itertools.count(1)

    def record(self, call: Call, answer: Mapping[str, Any] | None) -> None:
        """Deliver an event when the call is one the system must notice.

        `answer` is what the caller got, as far as CloudTrail shows it.
        """
        if self._deliver and _is_noticed(call):
            event = record_of(call, answer, next(self._numbers))
            if is_recorded(call.account, event["region"], self._management):
                self._deliver(event)


def record_of(call: Call, answer: Mapping[str, Any] | None, number: int) -> Event:
    """Return the event of a call; ids follow from the number, run after run."""
    region = "us-east-1" if call.service in _GLOBAL_SERVICES else call.region
    service = _EVENT_SOURCES.get(call.service, call.service)
    detail = {
        "eventVersion": "1.10",
        "userIdentity": _identity(call),
        "eventTime": timestamp(call.time),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": region,
        "sourceIPAddress": "192.0.2.1",
        "userAgent": call.user_agent,
        **_error(call),
        "requestParameters": _lower_camel(leaves_changed(redacted(call.parameters), _plain)) or None,
        "responseElements": _response_elements(call, answer),
        "requestID": _unique("request", number),
        "eventID": _unique("trail", number),
        "readOnly": is_read_only(call),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": call.account,
        "eventCategory": "Management",
    }
    place = {"account": call.account, "region": region}
    return event_of(
        f"aws.{service}", _API_CALL, detail, **place, time=call.time, event_id=_unique("event", number)
    )


def is_read_only(call: Call) -> bool:
    """Say whether CloudTrail counts the call as reading; handing out sessions is (inferred)."""
    return call.service == "sts" or call.operation.startswith(("Describe", "Get", "Head", "List"))


def _is_noticed(call: Call) -> bool:
    if call.principal.is_root or call.operation == "AssumeRoot":
        return True
    if call.service == "organizations" and call.operation in _SERVICE_CHANGES:
        return call.parameters.get("ServicePrincipal") == IAM
    feature_changes = ("EnableOrganizationsRoot", "DisableOrganizationsRoot")
    return call.service == "iam" and call.operation.startswith(feature_changes)


def _identity(call: Call) -> Event:
    principal = call.principal
    identity: Event = {
        "type": "Root" if principal.is_root else "AssumedRole",
        "principalId": principal.user_id,
        "arn": principal.arn,
        "accountId": principal.account,
        "accessKeyId": principal.access_key_id,
    }
    if principal.kind == "root_key":
        return identity
    started = principal.session_started or call.time
    attributes = {"creationDate": timestamp(started), "mfaAuthenticated": "false"}
    session: Event = {"attributes": attributes}
    if not principal.is_root:
        session = {"sessionIssuer": _issuer(principal), "webIdFederationData": {}, **session}
    # Recorded AssumeRoot calls carry the flag in the caller's context, too.
    if principal.kind == "root_session" or call.operation == "AssumeRoot":
        session["assumedRoot"] = "true"
    return {**identity, "sessionContext": session}


def _issuer(principal: Principal) -> Event:
    role_arn = principal.role_arn or principal.arn
    return {
        "type": "Role",
        "principalId": principal.user_id.partition(":")[0],
        "arn": role_arn,
        "accountId": principal.account,
        "userName": role_arn.rpartition("/")[2],
    }


def _response_elements(call: Call, answer: Mapping[str, Any] | None) -> Any:
    if not answer or (is_read_only(call) and call.operation != "AssumeRoot"):
        return None
    shown = _lower_camel(leaves_changed(answer, _plain))
    if credentials := shown.get("credentials"):
        del credentials["secretAccessKey"]
        # STS writes times a little differently from IAM.
        credentials["expiration"] = spelled_out(answer["Credentials"]["Expiration"], after_year=",")
    return shown


def _error(call: Call) -> Event:
    if call.error_code is None:
        return {}
    return {"errorCode": call.error_code, "errorMessage": call.error_message}


def _lower_camel(value: Any) -> Any:
    """Return a document with its members called as CloudTrail has them; those that are None are left out."""
    if isinstance(value, Mapping):
        present = {key: inner for key, inner in value.items() if inner is not None}
        return {key[:1].lower() + key[1:]: _lower_camel(inner) for key, inner in present.items()}
    return [_lower_camel(inner) for inner in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """Return a leaf as JSON can hold it, with times as CloudTrail writes them."""
    if isinstance(value, datetime):
        return spelled_out(value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _unique(kind: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"embedded-aws/{kind}/{number}"))


def answer(call: Call, management: str) -> dict[str, Any] | None:
    """Answer a member account's call that concerns the organization's trails; None for other calls."""
    if call.account == management:
        return None
    shared = {trail.arn: trail for trail in _organization_trails(management, call.region)}
    name = call.parameters.get("Name") or call.parameters.get("TrailName")
    match call.operation:
        case "DescribeTrails" if call.parameters.get("includeShadowTrails", True):
            own = cloudtrail_backends[call.account][call.region].describe_trails(include_shadow_trails=True)
            return {
                "trailList": [trail.description(include_region=True) for trail in (*own, *shared.values())]
            }
        case "GetTrailStatus" if name in shared:
            return shared[name].status.description()
        case "GetEventSelectors" if name in shared:
            basic, advanced = shared[name].get_event_selectors()
            return {"TrailARN": name, "EventSelectors": basic, "AdvancedEventSelectors": advanced}
    return None


def is_recorded(account: str, region: str, management: str) -> bool:
    """Say whether a trail records an account's Region; without any trail, one is taken for granted."""
    own = (
        trail
        for backend in list(cloudtrail_backends[account].values())
        for trail in backend.trails.values()
        if trail.is_multi_region or trail.region_name == region
    )
    trails = {trail.arn: trail for trail in (*own, *_organization_trails(management, region))}
    return not trails or any(trail.status.is_logging for trail in trails.values())


def _organization_trails(management: str, region: str) -> Iterator[Trail]:
    for backend in list(cloudtrail_backends[management].values()):
        for trail in backend.trails.values():
            if trail.is_org_trail and (trail.is_multi_region or trail.region_name == region):
                yield trail
