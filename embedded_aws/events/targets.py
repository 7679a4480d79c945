"""What a rule's target receives of an event: Input, InputPath, InputTransformer."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.events.models import EventBus, Rule, events_backends
from moto.sns.models import sns_backends
from moto.sqs.models import Queue, sqs_backends
from moto.utilities.arns import parse_arn

from embedded_aws.clients import Clients
from embedded_aws.cloudformation.resource import Creator, Resource
from embedded_aws.cloudformation.template import Created
from embedded_aws.events.matching import Event
from embedded_aws.iam.policy_evaluation import Decision, Values
from embedded_aws.iam.resource_policies import Caller, Question, judge, permits
from embedded_aws.iam.roles import NoSuchRoleError, role_allows, trusts
from embedded_aws.kms.encryption_keys import may_encrypt
from embedded_aws.lambda_.functions import Functions, invoke_asynchronously
from embedded_aws.sqs.resources import queue_at

_PLACEHOLDER = re.compile(r"<([^<>]+)>")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


class InputPathError(ValueError):
    """When a JSON path is not of the simple kind this program follows."""


def input_of(target: Mapping[str, Any], event: Event) -> str:
    """Return the text a target receives."""
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath") is not None:
        return json.dumps(_at(target["InputPath"], event))
    transformer = target.get("InputTransformer")
    return _transformed(transformer, event) if transformer else json.dumps(event)


def _transformed(transformer: Mapping[str, Any], event: Event) -> str:
    template = transformer["InputTemplate"]
    paths = transformer.get("InputPathsMap", {})

    def replacement(match: re.Match[str]) -> str:
        name = match[1]
        if name == "aws.events.event.json":
            return json.dumps(event)
        if name not in paths:
            return match[0]
        value = _at(paths[name], event)
        text = json.dumps(value)
        return text.strip('"') if _is_quoted(template, match.start()) else text

    return _PLACEHOLDER.sub(replacement, template)


def _is_quoted(template: str, position: int) -> bool:
    return len(re.findall(r'(?<!\\)"', template[:position])) % 2 == 1


def _at(path: str, event: Event) -> Any:
    """Follow a path; what is not there is null."""
    steps = _STEP.findall(path)
    if "$" + "".join(f".{key}" if key else f"[{index}]" for key, index in steps) != path:
        raise InputPathError(f"the JSON path {path!r} is not understood here")
    value: Any = event
    for key, index in steps:
        try:
            value = value[key] if key else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return value


_SERVICE = "events.amazonaws.com"
_DENIED = Decision.EXPLICITLY_DENIED


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
    def context(self) -> dict[str, str]:
        """What EventBridge tells the target about itself."""
        return {"aws:SourceArn": self.rule.arn, "aws:SourceAccount": self.bus.account_id}


class EventTargets:
    """The kinds of target there are."""

    def __init__(
        self,
        *,
        functions: Functions,
        clients: Clients,
        organization_of: Callable[[str], str | None],
    ) -> None:
        """Deliver to these functions; `organization_of` tells an account's organization."""
        self._functions = functions
        self._clients = clients
        self._organization_of = organization_of
        self._senders: dict[str, Callable[[Delivery], None]] = {
            "sqs": self._to_queue,
            "lambda": self._to_function,
            "sns": self._to_topic,
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
        if not queue_admits(queue, delivery):
            raise _no_permission("sqs:SendMessage", delivery.arn)
        sqs_backends[queue.account_id][queue.region].send_message(
            queue.name, input_of(delivery.target, delivery.event)
        )

    def _to_function(self, delivery: Delivery) -> None:
        arn = parse_arn(delivery.arn)
        try:
            function = lambda_backends[arn.account][arn.region].get_function(delivery.arn)
        except Exception as error:
            raise DeliveryError("NO_RESOURCE", f"Function not found: {delivery.arn}") from error
        policy = {"Statement": function.policy.statements}
        if not _service_may(policy, "lambda:InvokeFunction", delivery):
            raise _no_permission("lambda:InvokeFunction", delivery.arn)
        event = json.loads(input_of(delivery.target, delivery.event))
        invoke_asynchronously(self._functions, function, event)

    def _to_topic(self, delivery: Delivery) -> None:
        arn = parse_arn(delivery.arn)
        backend = sns_backends[arn.account][arn.region]
        topic = backend.topics.get(delivery.arn)
        if topic is None:
            raise DeliveryError("NO_RESOURCE", f"Topic does not exist: {delivery.arn}")
        admitted = _service_may(topic.policy, "sns:Publish", delivery)
        if not admitted or not may_encrypt(topic.kms_master_key_id, arn, delivery.context):
            raise _no_permission("sns:Publish", delivery.arn)
        backend.publish(input_of(delivery.target, delivery.event), arn=delivery.arn)

    def _to_state_machine(self, delivery: Delivery) -> None:
        role = _assumed(delivery)
        if not role_allows(role, action="states:StartExecution", resource=delivery.arn):
            raise _no_permission("states:StartExecution", delivery.arn)
        region = parse_arn(delivery.arn).region
        client = self._clients.role("stepfunctions", role, region, session_name="events")
        client.start_execution(stateMachineArn=delivery.arn, input=input_of(delivery.target, delivery.event))

    def _to_bus(self, delivery: Delivery) -> None:
        arn = parse_arn(delivery.arn)
        _refuse_third_hops(delivery, arn.account, arn.region)
        role = _assumed(delivery)
        context = self._put_context(delivery.bus.account_id, role, delivery.event)
        if not role_allows(role, action="events:PutEvents", resource=delivery.arn, context=context):
            raise _no_permission("events:PutEvents", delivery.arn)
        bus = events_backends[arn.account][arn.region].event_buses.get(arn.resource_id.rpartition("/")[2])
        if bus is None:
            raise DeliveryError("NO_RESOURCE", f"Event bus does not exist: {delivery.arn}")
        caller = Caller(account=delivery.bus.account_id, arn=role)
        question = Question(caller=caller, action="events:PutEvents", resource=bus.arn, context=context)
        decision = judge(bus.policy, question)
        # Inside one account the role's permission is enough, unless the bus says no.
        suffices = bus.account_id == delivery.bus.account_id and decision is not _DENIED
        if not suffices and decision is not Decision.ALLOWED:
            raise _no_permission("events:PutEvents", delivery.arn)
        delivery.put_on_bus(bus, delivery.event)

    def admitted_to_bus(self, arn: str, account: str, event: Event) -> EventBus | None:
        """Return the bus an ARN names, when it takes this event from an administrator of another account."""
        parsed = parse_arn(arn)
        name = parsed.resource_id.rpartition("/")[2]
        bus = events_backends[parsed.account][parsed.region].event_buses.get(name)
        caller = f"arn:aws:iam::{account}:role/administrator"
        question = Question(
            caller=Caller(account=account, arn=caller),
            action="events:PutEvents",
            resource=arn,
            context=self._put_context(account, caller, event),
        )
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


def queue_admits(queue: Queue, delivery: Delivery) -> bool:
    """Tell whether a queue's policy and its key let a rule send to it."""
    admitted = _service_may(queue.policy, "sqs:SendMessage", delivery, resource=queue.queue_arn)
    key = queue.attributes.get("KmsMasterKeyId")
    return admitted and may_encrypt(key, parse_arn(queue.queue_arn), delivery.context)


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
    try:
        trusted = trusts(role, _SERVICE, delivery.context)
    except NoSuchRoleError:
        trusted = False
    if not trusted:
        raise DeliveryError("FAILED_TO_ASSUME_ROLE", f"EventBridge cannot assume {role}")
    return str(role)


def _service_may(
    policy: str | Mapping[str, Any] | None,
    action: str,
    delivery: Delivery,
    *,
    resource: str | None = None,
) -> bool:
    question = Question(
        caller=Caller(service=_SERVICE),
        action=action,
        resource=resource or delivery.arn,
        context=delivery.context,
    )
    return permits(policy, question)


def _no_permission(action: str, resource: str) -> DeliveryError:
    return DeliveryError("NO_PERMISSIONS", f"Not authorized to perform {action} on {resource}")


def _event_bus(resource: Resource) -> Created:
    settings = ("Name", "Description", "KmsKeyIdentifier", "DeadLetterConfig")
    resource.expect("Policy", *settings)
    name, client = resource.properties["Name"], resource.client("events")
    arn = client.create_event_bus(**resource.some(*settings))["EventBusArn"]
    if "Policy" in resource.properties:
        client.put_permission(EventBusName=name, Policy=json.dumps(resource.properties["Policy"]))
    return Created(reference=name, attributes={"Arn": arn, "Name": name})


def _event_bus_policy(resource: Resource) -> Created:
    resource.expect("EventBusName", "StatementId", "Statement")
    properties = resource.properties
    sid, bus = properties["StatementId"], properties.get("EventBusName", "default")
    policy = {"Version": "2012-10-17", "Statement": [{**properties["Statement"], "Sid": sid}]}
    resource.client("events").put_permission(EventBusName=bus, Policy=json.dumps(policy))
    return Created(reference=f"{bus}|{sid}")


def _rule(resource: Resource) -> Created:
    settings = ("Description", "EventBusName", "RoleArn", "ScheduleExpression", "State")
    resource.expect("Name", "EventPattern", "Targets", *settings)
    properties, client = resource.properties, resource.client("events")
    name = resource.name("Name")
    pattern = properties.get("EventPattern")
    arn = client.put_rule(
        Name=name,
        **resource.some(*settings),
        **({"EventPattern": json.dumps(pattern)} if pattern else {}),
    )["RuleArn"]
    if properties.get("Targets"):
        client.put_targets(Rule=name, Targets=properties["Targets"], **resource.some("EventBusName"))
    bus = properties.get("EventBusName", "default").rpartition("/")[2]
    reference = name if bus == "default" else f"{bus}|{name}"
    return Created(reference=reference, attributes={"Arn": arn})


CREATORS: dict[str, Creator] = {
    "AWS::Events::EventBus": _event_bus,
    "AWS::Events::EventBusPolicy": _event_bus_policy,
    "AWS::Events::Rule": _rule,
}
