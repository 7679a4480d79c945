"""One event through the deployed queues, functions and rules, to the people it is for."""

import json
from pathlib import Path
from typing import Any

from tests.deploy.deployed_resources import DeployedResources
from tests.deploy.local_engine import LocalEngine

_SIGN_IN = Path(__file__).parents[1] / "events" / "root_console_login_success_no_mfa.json"
_ASSESSING = "lambdas.assess_root_activity.handler"


class NothingSent(Exception):
    """When nobody was told; the message is what the functions wrote last."""


def email_about(engine: LocalEngine, account: str, deployed: DeployedResources) -> str:
    """Put a root sign-in on its queue, where no client may put it on a bus; return what is told."""
    sqs, sns = engine.client("sqs", account), engine.client("sns", account)
    listening = sqs.create_queue(QueueName="listening")["QueueUrl"]
    topic = _alert_topic(deployed)
    attributes = sqs.get_queue_attributes(QueueUrl=listening, AttributeNames=["QueueArn"])["Attributes"]
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"], ReturnSubscriptionArn=True
    )
    sqs.send_message(QueueUrl=_work_queue(deployed), MessageBody=_SIGN_IN.read_text())
    told = _first_message(sqs, listening)
    if not told:
        raise NothingSent(_logged(engine, account, deployed))
    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=listening)
    return told


def _alert_topic(deployed: DeployedResources) -> str:
    # notify sends there, and write_report looks who is subscribed.
    [topic] = {
        variables["ALERT_TOPIC_ARN"]
        for variables in (function["Environment"]["Variables"] for function in deployed.functions.values())
        if "ALERT_TOPIC_ARN" in variables
    }
    return str(topic)


def _work_queue(deployed: DeployedResources) -> str:
    [function] = [each for each in deployed.functions.values() if each["Handler"] == _ASSESSING]
    return str(function["Environment"]["Variables"]["QUEUE_URL"])


def _first_message(sqs: Any, queue_url: str) -> str:
    received = sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=20)
    messages = received.get("Messages", [])
    return str(json.loads(messages[0]["Body"])["Message"]) if messages else ""


def _logged(engine: LocalEngine, account: str, deployed: DeployedResources) -> str:
    logs = engine.client("logs", account)
    return "\n".join(
        f"{group.rpartition('-')[0]}: {event['message'][:2000]}"
        for group in deployed.log_groups
        for event in logs.filter_log_events(logGroupName=group)["events"][-5:]
    )
