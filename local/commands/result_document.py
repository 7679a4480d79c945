"""What happened in the embedded AWS, as JSON."""

from dataclasses import asdict
from typing import Any

from embedded_aws.calls import Call
from embedded_aws.events.delivery import LostEvent
from local.aws import LocalAws


def result_document(aws: LocalAws) -> dict[str, Any]:
    """Return everything that happened until now, and every account's root credentials as they are."""
    return {
        "outcomes": aws.outcomes,
        "messages": [asdict(message) for message in list(aws.messages)],
        "posture": {account["Id"]: dict(aws.posture(account["Id"])) for account in aws.accounts},
        "deadLetters": [asdict(letter) for letter in aws.dead_letters],
        "lost": [_lost(event) for event in list(aws.lost_events)],
        "calls": [_call(call) for call in list(aws.calls)],
    }


def _lost(lost: LostEvent) -> dict[str, Any]:
    return {
        "rule": lost.rule_arn,
        "target": lost.target_arn,
        "reason": lost.reason,
        "event": lost.event,
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "time": call.time.isoformat(),
        "account": call.account,
        "region": call.region,
        "principal": call.principal_arn,
        "service": call.service,
        "operation": call.operation,
        "action": call.action,
        "resource": call.resource,
        "parameters": call.parameters,
        "errorCode": call.error_code,
        "errorMessage": call.error_message,
    }
