"""Every arrow between resources: who sends to whom, and what the policies on both sides are asked."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from embedded_aws.calls import Call
from embedded_aws.cloudformation.resource import Created, Resource
from embedded_aws.iam.authorization import Need
from embedded_aws.iam.policy_evaluation import Values
from embedded_aws.iam.resource_policies import Caller, Question
from proofs.permissions.deployed import Deployed, arn_of, plain, stack_of
from proofs.permissions.uses import Use, used

_EVENTS, _SCHEDULER, _ALARMS = "events.amazonaws.com", "scheduler.amazonaws.com", "cloudwatch.amazonaws.com"
_POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_LOGGING = ("logs:CreateLogStream", "logs:PutLogEvents")
_STREAM = "log-stream:2026/06/01/[$LATEST]0123456789abcdef0123456789abcdef"


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """One way something travels. admissions: what resources' policies are asked; trusts: roles taken.

    Its uses say only of what kind it is: rules are many, and a page has one line for them.
    """

    words: str
    uses: tuple[Use, ...] = ()
    admissions: tuple[Question, ...] = ()
    trusts: tuple[Question, ...] = field(default=())


class Arrows:
    """Finds the arrows in what is deployed, and in the schedules that functions made."""

    def __init__(self, deployed: Deployed, *, organization_id: str) -> None:
        """Take what is deployed; accounts in it belong to this organization."""
        self._deployed = deployed
        self._organization_id = organization_id

    def all(self, calls: Sequence[Call]) -> list[Arrow]:
        """Return every arrow; `calls` are those functions made."""
        return [
            *self._each("AWS::Events::Rule", self._of_rule),
            *self._each("AWS::CloudWatch::Alarm", self._of_alarm),
            *self._each("AWS::Scheduler::Schedule", self._of_template_schedule),
            *self._each("AWS::Lambda::EventSourceMapping", self._of_mapping),
            *self._each("AWS::Lambda::Function", self._of_function),
            *self._each("AWS::StepFunctions::StateMachine", self._of_state_machine),
            *self._each("AWS::Chatbot::SlackChannelConfiguration", self._of_chat),
            *self._each("Custom::AWS", self._of_enabling_call),
            *(arrow for call in calls for arrow in self._of_made_schedule(call)),
        ]

    def _each(self, kind: str, find: Any) -> Iterator[Arrow]:
        for resource, created in self._deployed.of_type(kind):
            yield from find(resource, created)

    def _of_rule(self, resource: Resource, created: Created) -> Iterator[Arrow]:
        arn = arn_of(created)
        source = {"aws:SourceArn": arn, "aws:SourceAccount": resource.stack.account}
        for target in resource.properties.get("Targets", ()):
            words = f"{_named(resource)} → "
            yield self._to_target(words, resource, target, source)
            letters = target.get("DeadLetterConfig", {}).get("Arn")
            if letters:
                yield self._by_service(
                    f"{words}{_last(letters)}", _EVENTS, "sqs:SendMessage", letters, source
                )

    def _to_target(
        self, words: str, resource: Resource, target: Mapping[str, Any], source: Mapping[str, Values]
    ) -> Arrow:
        arn, role = target["Arn"], str(target.get("RoleArn"))
        words = f"{words}{_last(arn)}"
        match arn.split(":")[2]:
            case "sqs" if "RoleArn" in target:
                need = Need("sqs:SendMessage", arn)
                return self._by_role(words, "route → queue", _EVENTS, str(role), need, source)
            case "sqs":
                return self._by_service(words, _EVENTS, "sqs:SendMessage", arn, source)
            case "states":
                need = Need("states:StartExecution", arn)
                return self._by_role(words, "rule → sweep", _EVENTS, str(role), need, source)
            case "events" if ":api-destination/" in arn:
                need = Need("events:InvokeApiDestination", arn)
                return self._by_role(words, "route → endpoint", _EVENTS, str(role), need, source)
            case "events":
                return self._to_bus(words, resource, target, source)
        raise NotImplementedError(f"{words}: no such target is known to this proof")

    def _to_bus(
        self, words: str, resource: Resource, target: Mapping[str, Any], source: Mapping[str, Values]
    ) -> Arrow:
        arn, role, account = target["Arn"], target["RoleArn"], resource.stack.account
        pattern = resource.properties["EventPattern"]
        contexts: list[dict[str, Values]] = [
            {
                "aws:PrincipalArn": role,
                "aws:PrincipalAccount": account,
                "aws:PrincipalOrgID": self._organization_id,
                "events:source": [event_source],
                "events:detail-type": [detail_type],
            }
            for event_source, detail_type in product(
                _samples(pattern["source"]), pattern.get("detail-type", ["any"])
            )
        ]
        caller = Caller(account=account, arn=role)
        need = Need("events:PutEvents", arn)
        # A route may lead to another team's bus, whose policy is theirs.
        asked = contexts if arn in self._deployed.policies else []
        return Arrow(
            words=words,
            uses=tuple(
                use
                for each in contexts
                for use in used(role, need, "rule → bus", deployed=self._deployed, context=each)
            ),
            admissions=tuple(Question(caller, need.action, arn, each) for each in asked),
            trusts=(Question(Caller(service=_EVENTS), "sts:AssumeRole", role, source),),
        )

    def _of_alarm(self, resource: Resource, created: Created) -> Iterator[Arrow]:
        source = {
            "aws:SourceArn": arn_of(created),
            "aws:SourceAccount": resource.stack.account,
        }
        for topic in resource.properties.get("AlarmActions", ()):
            words = f"{_named(resource)} → {_last(topic)}"
            yield self._by_service(words, _ALARMS, "sns:Publish", topic, source)

    def _of_template_schedule(self, resource: Resource, _: Created) -> Iterator[Arrow]:
        place, group = resource.stack, resource.properties.get("GroupName", "default")
        owner = f"arn:aws:scheduler:{place.region}:{place.account}:schedule-group/{group}"
        yield from self._of_schedule(_named(resource), owner, resource.properties["Target"])

    def _of_made_schedule(self, call: Call) -> Iterator[Arrow]:
        if call.operation == "CreateSchedule" and call.principal.role_arn in self._deployed.roles:
            group = call.parameters.get("GroupName", "default")
            owner = f"arn:aws:scheduler:{call.region}:{call.account}:schedule-group/{group}"
            yield from self._of_schedule("the end of a recovery window", owner, call.parameters["Target"])

    def _of_schedule(self, name: str, group: str, target: Mapping[str, Any]) -> Iterator[Arrow]:
        actions = {"states": "states:StartExecution", "lambda": "lambda:InvokeFunction"}
        source = {"aws:SourceArn": group, "aws:SourceAccount": group.split(":")[4]}
        arn, role = target["Arn"], target["RoleArn"]
        words = f"{name} → {_last(arn)}"
        service = arn.split(":")[2]
        need, kind = Need(actions[service], arn), f"schedule → {service}"
        yield self._by_role(words, kind, _SCHEDULER, role, need, source)
        if letters := target.get("DeadLetterConfig", {}).get("Arn"):
            words, need = f"{name} → {_last(letters)}", Need("sqs:SendMessage", letters)
            yield self._by_role(words, "schedule → dead letters", _SCHEDULER, role, need, source)

    def _of_mapping(self, resource: Resource, _: Created) -> Iterator[Arrow]:
        queue, name = resource.properties["EventSourceArn"], resource.properties["FunctionName"]
        [role] = [
            function.properties["Role"]
            for function, created in self._deployed.of_type("AWS::Lambda::Function")
            if name.startswith(arn_of(created))
        ]
        words = f"{_last(queue)} → {self._deployed.roles[role].name}"
        yield self._on_behalf(words, "queue → function", role, [Need(action, queue) for action in _POLLING])

    def _of_function(self, resource: Resource, _: Created) -> Iterator[Arrow]:
        properties, place = resource.properties, resource.stack
        role, name = properties["Role"], self._deployed.roles[properties["Role"]].name
        log = (
            f"arn:aws:logs:{place.region}:{place.account}:log-group:{properties['LoggingConfig']['LogGroup']}"
        )
        lines = [Need(action, f"{log}:{_STREAM}") for action in _LOGGING]
        yield self._on_behalf(f"{name} → its log", "function → log", role, lines)
        if letters := properties.get("DeadLetterConfig", {}).get("TargetArn"):
            need = Need("sqs:SendMessage", letters)
            yield self._on_behalf(f"{name} → {_last(letters)}", "function → dead letters", role, [need])

    def _of_state_machine(self, resource: Resource, created: Created) -> Iterator[Arrow]:
        arn, role = arn_of(created), resource.properties["RoleArn"]
        source = {"aws:SourceArn": arn, "aws:SourceAccount": resource.stack.account}
        need = Need("states:StartExecution", arn)
        words, service = f"{_last(arn)} → its batches", "states.amazonaws.com"
        yield self._by_role(words, "sweep → batches", service, role, need, source)

    def _of_chat(self, resource: Resource, _: Created) -> Iterator[Arrow]:
        role = resource.properties["IamRoleArn"]
        for topic in resource.properties["SnsTopicArns"]:
            key = self._deployed.keys[topic]
            yield Arrow(
                words=f"{_last(topic)} → Amazon Q",
                admissions=(Question(Caller(service="chatbot.amazonaws.com"), "kms:Decrypt", key),),
                trusts=(Question(Caller(service="chatbot.amazonaws.com"), "sts:AssumeRole", role),),
            )

    def _of_enabling_call(self, resource: Resource, _: Created) -> Iterator[Arrow]:
        written = json.loads(resource.properties["Create"])
        [role] = [role.arn for role in self._deployed.roles.values() if role.name == "EnablingRole"]
        parameters = written.get("parameters", {})
        service = parameters.get("ServicePrincipal")
        account = parameters.get("AccountId")
        owner = f"arn:aws:organizations::{resource.stack.account}"
        need = Need(
            f"{written['service'].lower()}:{written['action']}",
            f"{owner}:account/{self._organization_id}/{account}" if account else "*",
            {"organizations:ServicePrincipal": service} if service else {},
        )
        yield self._on_behalf(f"deployment → {written['action']}", "deployment", role, [need])

    def _by_service(
        self, words: str, service: str, action: str, arn: str, source: Mapping[str, Values]
    ) -> Arrow:
        """Return the arrow of a service that no role acts for: the resource and its key admit it."""
        caller, key = Caller(service=service), self._deployed.keys.get(arn)
        of_key = [
            Question(caller, each, key, source) for each in ("kms:Decrypt", "kms:GenerateDataKey") if key
        ]
        return Arrow(words=words, admissions=(Question(caller, action, arn, source), *of_key))

    def _by_role(
        self, words: str, kind: str, service: str, role: str, need: Need, source: Mapping[str, Values]
    ) -> Arrow:
        """Return the arrow of a service that takes a role first."""
        uses = used(role, need, kind, deployed=self._deployed)
        trust = Question(Caller(service=service), "sts:AssumeRole", role, source)
        return Arrow(words=words, uses=tuple(uses), trusts=(trust,))

    def _on_behalf(self, words: str, kind: str, role: str, needs: Sequence[Need]) -> Arrow:
        """Return the arrow of what Lambda does with a function's role by itself."""
        uses = [use for need in needs for use in used(role, need, kind, deployed=self._deployed)]
        trust = Question(Caller(service="lambda.amazonaws.com"), "sts:AssumeRole", role)
        return Arrow(words=words, uses=tuple(uses), trusts=(trust,))


def _named(resource: Resource) -> str:
    return f"{stack_of(resource)}/{plain(resource.logical_id)}"


def _last(arn: str) -> str:
    return arn.rpartition(":")[2]


def _samples(sources: Sequence[Any]) -> list[str]:
    """Return a source for each that a pattern takes."""
    return [each if isinstance(each, str) else f"{each['prefix']}sample" for each in sources]
