"""Routes: the queues they lead to, and whether each was given every outcome that matches, and no other."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.sqs.models import sqs_backends

from embedded_aws.events.shape import Event
from embedded_aws.sns import Message
from local.aws import LocalAws

# The queue whose policy lets nobody in.
REFUSING = "refusing"
_ADMITTING = "siem"


@dataclass(frozen=True)
class Mailed:
    """An outcome that was published to people's mailboxes, and what came there."""

    outcome: Event
    messages: tuple[Message, ...]


def set_up(aws: LocalAws) -> None:
    """Create the queues that other teams would have: one takes what rules send, the other refuses it."""
    hub = aws.organization.hub
    sqs = aws.client("sqs", account=hub.account, region=hub.region)
    rules = f"arn:aws:events:{hub.region}:{hub.account}:rule/rootwarden/*"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": f"arn:aws:sqs:{hub.region}:{hub.account}:{_ADMITTING}",
        "Condition": {"ArnLike": {"aws:SourceArn": rules}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    sqs.create_queue(QueueName=_ADMITTING, Attributes={"Policy": json.dumps(policy)})
    sqs.create_queue(QueueName=REFUSING)


def is_of_route(name: str) -> bool:
    """Say whether a dead-letter queue, or an alarm, is a route's own."""
    return "Routes" in name


def violations(aws: LocalAws, mailed: list[Mailed]) -> Iterator[str]:
    """Say of each route what did not come, and what should not have."""
    routes: Any = aws.organization.configuration["routes"]
    for route in routes:
        if "queue" in route["to"]:
            yield from _of_queue(aws, route)
        else:
            yield from _of_mailbox(aws, route, mailed)


def _of_queue(aws: LocalAws, route: Mapping[str, Any]) -> Iterator[str]:
    name, target = route["name"], route["to"]["queue"].rpartition(":")[2]
    wanted = Counter(_written(outcome) for outcome in aws.outcomes if _matches(route["match"], outcome))
    letters = [each.body for each in aws.dead_letters if f"Routes{name}Undelivered" in each.queue]
    hub = aws.organization.hub
    queue = sqs_backends[hub.account][hub.region].queues[target]
    arrived = [message.body for message in queue._messages]  # noqa: SLF001 # receiving would hide them
    refuses = target == REFUSING
    if refuses and letters and f'ALARM: "RootWardenHub/Routes/{name}/Undelivered"' not in _subjects(aws):
        yield f"the route {name} has dead letters, and no alarm rang"
    for place, found, expected in (
        ("to its target", arrived, Counter() if refuses else wanted),
        ("to its dead letters", letters, wanted if refuses else Counter()),
    ):
        yield from _differences(f"the route {name}, {place}", Counter(map(_same, found)), expected)


def _of_mailbox(aws: LocalAws, route: Mapping[str, Any], mailed: list[Mailed]) -> Iterator[str]:
    """Whoever follows a route gets the very message that everybody gets, when it matches."""
    name, address = route["name"], route["to"]["email"]
    [everybody] = aws.organization.alert_emails
    letters = "".join(letter.body for letter in aws.dead_letters if not is_of_route(letter.queue))
    told = {each.outcome["id"] for each in mailed}
    for outcome in aws.outcomes:
        if _matches(route["match"], outcome) and outcome["id"] not in told and outcome["id"] not in letters:
            yield f"the route {name}, by e-mail: nobody got {_shortened(_written(outcome))}"
    wanted: Counter[str] = Counter()
    for each in mailed:
        if _matches(route["match"], each.outcome):
            wanted.update(_of_message(message) for message in each.messages if message.to == everybody)
    emails = [message for message in aws.messages if message.channel == "email"]
    found = Counter(_of_message(message) for message in emails if message.to == address)
    yield from _differences(f"the route {name}, by e-mail", found, wanted)


def _differences(where: str, found: Counter[str], wanted: Counter[str]) -> Iterator[str]:
    for text, count in (wanted - found).items():
        yield f"{where}: {count} missing of {_shortened(text)}"
    for text, count in (found - wanted).items():
        yield f"{where}: {count} too many of {_shortened(text)}"


def _matches(match: Mapping[str, list[str]], outcome: Event) -> bool:
    """Say whether an outcome is one that people are told of, and all that the route asks for."""
    detail = outcome["detail"]
    has = {
        "severity": detail.get("severity"),
        "activity": detail.get("activity"),
        "account": (detail.get("account") or {}).get("id"),
    }
    return has["severity"] is not None and all(has[key] in values for key, values in match.items())


def _same(body: str) -> str:
    return _written(json.loads(body))


def _written(event: Event) -> str:
    return json.dumps(event, sort_keys=True)


def _of_message(message: Message) -> str:
    return f"{message.sent_at} {message.subject}\n{message.body}"


def _shortened(text: str) -> str:
    if not text.startswith("{"):
        return text.splitlines()[0]
    event = json.loads(text)
    return f"{event['detail-type']} {event['id']}"


def _subjects(aws: LocalAws) -> set[str]:
    return {message.subject or "" for message in aws.messages}
