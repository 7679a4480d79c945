"""Where rules send events: queues, state machines, buses, endpoints, with the permissions AWS asks for."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.events.models import EventBus, Rule, events_backends
from moto.sqs.models import Queue
from moto.utilities.arns import parse_arn

from embedded_aws.clients import Clients
from embedded_aws.cloudformation.resource import Created, Creator, Resource, expect
from embedded_aws.events.api_destinations import EndpointRefused, Endpoints, transformed
from embedded_aws.events.shape import Event
from embedded_aws.iam.policy_evaluation import Decision, Values
from embedded_aws.iam.resource_policies import Caller, Question, judge, may_encrypt, permits
from embedded_aws.iam.roles import role_allows, trusts
from embedded_aws.sqs.resources import put, queue_at

_SERVICE = "events.amazonaws.com"
_DENIED = Decision.EXPLICITLY_DENIED
_TARGET = frozenset({"Arn", "DeadLetterConfig", "Id", "InputTransformer", "RoleArn"})


class DeliveryError(RuntimeError):
    """When a target cannot be given an event; the code is what AWS writes to dead letters."""

    def __init__(self, code: str, message: str) -> None:
        """Take AWS's code."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One event on its way from a rule to one of its targets."""

    event: Event
    bus: EventBus
    rule: Rule
    target: Mapping[str, Any]
    put_on_bus: Callable[[EventBus, Event], None]

    @property
    def arn(self) -> str:
        """The target's ARN."""
        return str(self.target["Arn"])

    @property
    def body(self) -> str:
        """What the target gets: the whole event, or what the transformer makes of it."""
        transformer = self.target.get("InputTransformer")
        return transformed(transformer, self.event) if transformer else json.dumps(self.event)

    @property
    def context(self) -> dict[str, str]:
        """What EventBridge tells the target about itself."""
        return {"aws:SourceArn": self.rule.arn, "aws:SourceAccount": self.bus.account_id}


class EventTargets:
    """The kinds of target there are."""

    def __init__(self, clients: Clients, *, organization_of: Callable[[str], str | None]) -> None:
        """Start state machines by these clients; `organization_of` says an account's organization."""
        self._clients = clients
        self._organization_of = organization_of
        self.endpoints = Endpoints()
        self._senders: dict[str, Callable[[Delivery], None]] = {
            "sqs": self._to_queue,
            "states": self._to_state_machine,
            "events": self._to_bus,
        }

    def send(self, delivery: Delivery) -> None:
        """Deliver; raises DeliveryError."""
        service = parse_arn(delivery.arn).service
        if service not in self._senders:
            raise NotImplementedError(f"{delivery.rule.arn} has a target this program does not know")
        self._senders[service](delivery)

    def _to_queue(self, delivery: Delivery) -> None:
        queue = queue_at(delivery.arn)
        if queue is None:
            raise DeliveryError("NO_RESOURCE", f"The specified queue does not exist: {delivery.arn}")
        is_own = parse_arn(delivery.arn).account == delivery.bus.account_id
        if not (queue_admits(queue, delivery) if is_own else _admits_role(queue, delivery)):
            raise _no_permission("sqs:SendMessage", delivery.arn)
        put(queue, delivery.body)

    def _to_state_machine(self, delivery: Delivery) -> None:
        role = _allowed_role(delivery, "states:StartExecution")
        region = parse_arn(delivery.arn).region
        client = self._clients.role("stepfunctions", role, region, session_name="events")
        client.start_execution(stateMachineArn=delivery.arn, input=json.dumps(delivery.event))

    def _to_endpoint(self, delivery: Delivery) -> None:
        _allowed_role(delivery, "events:InvokeApiDestination")
        try:
            self.endpoints.post(delivery.arn, delivery.body)
        except EndpointRefused as refused:
            # AWS tries again for 24 hours; here that ends at once.
            raise DeliveryError("SDK_CLIENT_ERROR", str(refused)) from refused

    def _to_bus(self, delivery: Delivery) -> None:
        if ":api-destination/" in delivery.arn:
            self._to_endpoint(delivery)
            return
        arn = parse_arn(delivery.arn)
        _refuse_third_hops(delivery, arn.account, arn.region)
        role = _assumed(delivery)
        context = self._put_context(delivery.bus.account_id, role, delivery.event)
        if not role_allows(role, action="events:PutEvents", resource=delivery.arn, context=context):
            raise _no_permission("events:PutEvents", delivery.arn)
        bus = bus_at(delivery.arn)
        if bus is None:
            raise DeliveryError("NO_RESOURCE", f"Event bus does not exist: {delivery.arn}")
        caller = Caller(account=delivery.bus.account_id, arn=role)
        decision = judge(bus.policy, Question(caller, "events:PutEvents", bus.arn, context))
        # Inside one account the role's permission is enough, unless the bus says no.
        suffices = bus.account_id == delivery.bus.account_id and decision is not _DENIED
        if not suffices and decision is not Decision.ALLOWED:
            raise _no_permission("events:PutEvents", delivery.arn)
        delivery.put_on_bus(bus, delivery.event)

    def admitted_to_bus(self, arn: str, account: str, event: Event) -> EventBus | None:
        """Return the bus an ARN names, when it takes this event from an administrator of another account."""
        bus = bus_at(arn)
        caller = f"arn:aws:iam::{account}:role/administrator"
        context = self._put_context(account, caller, event)
        question = Question(Caller(account=account, arn=caller), "events:PutEvents", arn, context)
        return bus if bus is not None and permits(bus.policy, question) else None

    def _put_context(self, account: str, role: str, event: Event) -> dict[str, Values]:
        organization = self._organization_of(account)
        return {
            "aws:PrincipalArn": role,
            "aws:PrincipalAccount": account,
            "events:source": [event["source"]],
            "events:detail-type": [event["detail-type"]],
            **({"aws:PrincipalOrgID": organization} if organization else {}),
        }


def bus_at(arn: str) -> EventBus | None:
    """Return the bus an ARN names, if it exists."""
    parsed = parse_arn(arn)
    name = parsed.resource_id.rpartition("/")[2]
    return events_backends[parsed.account][parsed.region].event_buses.get(name)


def queue_admits(queue: Queue, delivery: Delivery) -> bool:
    """Say whether a queue's policy and its key let a rule send to it."""
    question = Question(Caller(service=_SERVICE), "sqs:SendMessage", queue.queue_arn, delivery.context)
    key = queue.attributes.get("KmsMasterKeyId")
    return permits(queue.policy, question) and may_encrypt(key, parse_arn(queue.queue_arn), delivery.context)


def _admits_role(queue: Queue, delivery: Delivery) -> bool:
    """Say whether the rule's role may send to a queue of another account, and that lets the role in."""
    if queue.attributes.get("KmsMasterKeyId"):
        raise NotImplementedError(f"{delivery.arn} is another account's and has a key of its own")
    role = _assumed(delivery)
    caller = Caller(account=delivery.bus.account_id, arn=role)
    question = Question(caller, "sqs:SendMessage", delivery.arn, {"aws:PrincipalArn": role})
    may_send = role_allows(role, action="sqs:SendMessage", resource=delivery.arn)
    return may_send and permits(queue.policy, question)


def _refuse_third_hops(delivery: Delivery, account: str, region: str) -> None:
    if delivery.event["account"] != delivery.bus.account_id != account:
        raise DeliveryError(
            "THIRD_ACCOUNT_HOP_DETECTED", "A received event is not forwarded to a third account"
        )
    if delivery.event["region"] != delivery.bus.region != region:
        raise DeliveryError(
            "THIRD_REGION_HOP_DETECTED", "A received event is not forwarded to a third Region"
        )


def _assumed(delivery: Delivery) -> str:
    role = delivery.target.get("RoleArn")
    if not role:
        raise _no_permission("sts:AssumeRole", "a role: the target has none")
    if not trusts(role, _SERVICE, delivery.context):
        raise DeliveryError("FAILED_TO_ASSUME_ROLE", f"EventBridge cannot assume {role}")
    return str(role)


def _allowed_role(delivery: Delivery, action: str) -> str:
    role = _assumed(delivery)
    if not role_allows(role, action=action, resource=delivery.arn):
        raise _no_permission(action, delivery.arn)
    return role


def _no_permission(action: str, resource: str) -> DeliveryError:
    return DeliveryError("NO_PERMISSIONS", f"Not authorized to perform {action} on {resource}")


def _event_bus(resource: Resource) -> Created:
    resource.expect("Name", "Policy")
    name, client = resource.properties["Name"], resource.client("events")
    arn = client.create_event_bus(Name=name)["EventBusArn"]
    if "Policy" in resource.properties:
        client.put_permission(EventBusName=name, Policy=json.dumps(resource.properties["Policy"]))
    return Created(reference=name, attributes={"Arn": arn, "Name": name})


def _rule(resource: Resource) -> Created:
    settings = resource.settings(
        *("Description", "EventBusName", "State"), besides=("Name", "EventPattern", "Targets")
    )
    properties, client = resource.properties, resource.client("events")
    name = resource.name("Name")
    pattern = properties.get("EventPattern")
    for target in properties.get("Targets", []):
        expect("a target", target, _TARGET)
    arn = client.put_rule(
        Name=name,
        **settings,
        **({"EventPattern": json.dumps(pattern)} if pattern else {}),
    )["RuleArn"]
    if properties.get("Targets"):
        client.put_targets(Rule=name, Targets=properties["Targets"], **resource.some("EventBusName"))
    bus = properties.get("EventBusName", "default").rpartition("/")[2]
    reference = name if bus == "default" else f"{bus}|{name}"
    return Created(reference=reference, attributes={"Arn": arn})


CREATORS: dict[str, Creator] = {
    "AWS::Events::EventBus": _event_bus,
    "AWS::Events::Rule": _rule,
}
