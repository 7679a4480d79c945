"""Routes: outcomes to mailboxes, queues, buses, pagers and any HTTPS endpoint, each by rules of its own."""

import json
from collections.abc import Callable, Mapping

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from rootwarden.contract.route_filters import PLACEHOLDERS, SEVERITIES
from stacks.configuration.routes import Match, Route
from stacks.constructs.foundation import Foundation
from stacks.constructs.grants import ServiceRole, grant
from stacks.constructs.queues import UndeliveredQueue

_SUMMARY = "rootwarden: <severity> <activity> in account <account>"
# https://developer.pagerduty.com/docs/send-alert-event
_PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
_PAGERDUTY_SEVERITY = {
    "critical": "critical",
    "high": "error",
    "medium": "warning",
    "low": "warning",
    "info": "info",
}
# https://docs.opsgenie.com/docs/alert-api#create-alert
_OPSGENIE = "https://api.opsgenie.com/v2/alerts"
_PRIORITY = dict(zip(SEVERITIES, ("P1", "P2", "P3", "P4", "P5"), strict=True))


class Routes(Construct):
    """Every route that is configured."""

    def __init__(self, scope: Construct, construct_id: str, *, foundation: Foundation) -> None:
        super().__init__(scope, construct_id)
        for route in foundation.configuration.routes:
            if route.to.email:
                _subscribe(foundation.alerts, route.to.email, route.match)
            else:
                _Route(self, route.name, route=route, foundation=foundation)


def _subscribe(alerts: sns.Topic, email: str, match: Match) -> None:
    """Subscribe an address to the alerts that match; alarms have no such attributes, and do not go there."""
    policy = {
        name: sns.SubscriptionFilter.string_filter(allowlist=list(found))
        for name, found in match.filters().items()
    }
    alerts.add_subscription(subscriptions.EmailSubscription(email, filter_policy=policy))


_UNDELIVERED = (
    "it holds outcomes that the route's target did not get: read one to see why, fix the cause, tell the"
    " target's people what they say, then delete them"
)


class _Route(Construct):
    """One target, its rules, and its own dead-letter queue: it keeps no other route waiting."""

    def __init__(self, scope: Construct, construct_id: str, *, route: Route, foundation: Foundation) -> None:
        super().__init__(scope, construct_id)
        self._route, self._bus = route, foundation.bus
        self._undelivered = UndeliveredQueue(
            self,
            "Undelivered",
            key=foundation.key,
            alerts=foundation.alerts,
            because=_UNDELIVERED,
            entry="Routes",
        )
        to = route.to
        if to.queue:
            self._rule("Rule", to.queue, role=self._sender(to.queue))
        elif to.bus:
            self._rule("Rule", to.bus, role=self._role("events:PutEvents", to.bus))
        elif to.https:
            endpoint = self._endpoint(to.https.url, to.https.header, to.https.secret_arn)
            self._post("Rule", endpoint, to.https.payload)
        elif to.pagerduty:
            endpoint = self._endpoint(_PAGERDUTY, "X-Routing-Key", to.pagerduty, body_key="routing_key")
            self._for_each_severity(endpoint, _pagerduty)
        elif to.opsgenie:
            endpoint = self._endpoint(_OPSGENIE, "Authorization", to.opsgenie)
            self._for_each_severity(endpoint, _opsgenie)

    def _for_each_severity(
        self, endpoint: events.CfnApiDestination, payload: Callable[[str], Mapping[str, object]]
    ) -> None:
        """Make a rule for each severity: an input transformer cannot translate one word into another."""
        for severity in self._route.match.severity or SEVERITIES:
            self._post(f"{severity.title()}Rule", endpoint, payload(severity), severity=severity)

    def _post(
        self,
        construct_id: str,
        endpoint: events.CfnApiDestination,
        payload: Mapping[str, object] | None,
        severity: str | None = None,
    ) -> None:
        self._rule(
            construct_id,
            endpoint.attr_arn,
            role=self._invoker,
            severity=severity,
            transformer=events.CfnRule.InputTransformerProperty(
                input_template=template(payload), input_paths_map=_named(payload)
            )
            if payload
            else None,
        )

    def _endpoint(
        self, url: str, header: str, secret_arn: str, body_key: str | None = None
    ) -> events.CfnApiDestination:
        """Create an API destination. CloudFormation reads the secret as it deploys; EventBridge keeps it."""
        secret = f"{{{{resolve:secretsmanager:{secret_arn}:SecretString}}}}"
        in_body = [{"key": body_key, "value": secret, "isValueSecret": True}] if body_key else None
        connection = events.CfnConnection(
            self,
            "Connection",
            authorization_type="API_KEY",
            auth_parameters={
                "apiKeyAuthParameters": {"apiKeyName": header, "apiKeyValue": secret},
                **({"invocationHttpParameters": {"bodyParameters": in_body}} if in_body else {}),
            },
        )
        endpoint = events.CfnApiDestination(
            self,
            "Endpoint",
            connection_arn=connection.attr_arn,
            http_method="POST",
            invocation_endpoint=url,
        )
        self._invoker = self._role("events:InvokeApiDestination", endpoint.attr_arn)
        return endpoint

    def _sender(self, queue: str) -> iam.Role | None:
        """Return as whom EventBridge sends to a queue: as itself, but for those of other accounts."""
        is_own = queue.split(":")[4] == Stack.of(self).account
        return None if is_own else self._role("sqs:SendMessage", queue)

    def _role(self, action: str, resource: str) -> iam.Role:
        rules = Stack.of(self).format_arn(
            service="events", resource="rule", resource_name=f"{self._bus.event_bus_name}/*"
        )
        role = ServiceRole(self, "Role", service="events.amazonaws.com", source_arn=rules)
        grant(role, "Send", [action], [resource])
        return role

    def _rule(
        self,
        construct_id: str,
        target_arn: str,
        *,
        role: iam.Role | None = None,
        severity: str | None = None,
        transformer: events.CfnRule.InputTransformerProperty | None = None,
    ) -> None:
        rule = events.CfnRule(
            self,
            construct_id,
            description=f"rootwarden: the route {self._route.name}",
            event_bus_name=self._bus.event_bus_name,
            event_pattern=self._route.match.pattern(Stack.of(self).account, severity),
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="Target",
                    arn=target_arn,
                    role_arn=role.role_arn if role else None,
                    input_transformer=transformer,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(
                        arn=self._undelivered.queue_arn
                    ),
                )
            ],
        )
        self._undelivered.admit(rule.attr_arn)


def _pagerduty(severity: str) -> dict[str, object]:
    return {
        "event_action": "trigger",
        "dedup_key": "<id>",
        "payload": {
            "summary": _SUMMARY,
            "source": "rootwarden",
            "severity": _PAGERDUTY_SEVERITY[severity],
            "timestamp": "<time>",
            "custom_details": "<detail>",
        },
    }


def _opsgenie(severity: str) -> dict[str, object]:
    return {
        "message": _SUMMARY,
        "alias": "<id>",
        "source": "rootwarden",
        "priority": _PRIORITY[severity],
        "details": {name: f"<{name}>" for name in ("severity", "activity", "account", "time")},
    }


def template(payload: Mapping[str, object]) -> str:
    """Return a payload as an input template; `<detail>` is an object and stands without quotes."""
    return json.dumps(payload).replace('"<detail>"', "<detail>")


def _named(payload: Mapping[str, object]) -> dict[str, str]:
    text = json.dumps(payload)
    return {name: path for name, path in PLACEHOLDERS.items() if f"<{name}>" in text}
