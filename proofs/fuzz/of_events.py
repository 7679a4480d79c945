"""Events as strangers may forge them: read, judged, answered with outcomes and messages."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from proofs.fuzz.inertness import visible
from proofs.fuzz.reading import logged, read_message, read_outcome
from proofs.fuzz.strangers import SECRETS, Stranger
from rootctl.explain.activity import explain_activity
from rootctl.explain.explanation import explain_notification
from rootctl.explain.hardening import explain_hardening, explain_leaving
from rootctl.explain.knowledge import Knowledge
from rootctl.explain.routing import Taker, takers, why_none
from rootctl.output import printable
from rootwarden.activity.watch import read_record
from rootwarden.aws.clients import logger
from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.events import Envelope, MalformedEvent
from rootwarden.hardening.announcement import read_announcement
from rootwarden.leaving import read_departure
from tests.unit.given import MANAGEMENT, ORGANIZATION_ID, Assessment, Hardening
from tests.unit.stories import STORIES
from tests.unit.test_messages import as_event

_SAMPLES = Path(__file__).parents[2] / "tests" / "events"
_EXPLAINERS = {
    Taker.HARDEN_ACCOUNT: explain_hardening,
    Taker.FORGET_ACCOUNT: explain_leaving,
    Taker.ASSESS_ROOT_ACTIVITY: explain_activity,
    Taker.NOTIFY: explain_notification,
}
# What a function says it raises; its queue tries such a message again, and keeps it at last.
DOCUMENTED = (MalformedEvent, RetryLater, AlreadyDone)


@cache
def samples() -> tuple[dict[str, Any], ...]:
    """Return the sample events; those of a list are each one."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(_SAMPLES.glob("*.json"))]
    return tuple(event for each in found for event in (each if isinstance(each, list) else [each]))


def forged(stranger: Stranger) -> str:
    """Forge an event from a sample, with secrets where AWS would have none."""
    event = json.loads(json.dumps(stranger.random.choice(samples())))
    detail = event["detail"]
    if stranger.chance(0.5):
        key, token, url = SECRETS
        credentials = {"secretAccessKey": key, "sessionToken": token, "accessKeyId": "ASIAPLANTED"}
        detail["responseElements"] = {**(detail.get("responseElements") or {}), "credentials": credentials}
        given = detail.get("requestParameters")
        detail["requestParameters"] = {**(given if isinstance(given, dict) else {}), "webhookUrl": url}
    if stranger.chance(0.03):
        return stranger.text()
    event = stranger.texts_changed(event, 0.1) if stranger.chance(0.3) else stranger.changed(event)
    if stranger.chance(0.2) and isinstance(event, dict) and isinstance(event.get("detail"), dict):
        event["detail"]["awsRegion"] = stranger.text()
    return json.dumps(event)


def judge(body: str) -> None:
    """Judge one as assess_root_activity does, and read what people would."""
    given = Assessment()
    with logged():
        try:
            envelope = Envelope.from_json(body)
            verdict = given.assessor.assess(read_record(envelope), attempt=2)
        except DOCUMENTED as error:
            logger.error("message failed", why=str(error))
            return
        logger.info("root activity assessed", account=envelope.account_id, verdict=verdict)
    for outcome in given.bus.published:
        read_outcome(outcome, envelope)


def announce(body: str) -> None:
    """Read one as harden_account and forget_account do, and read what people would."""
    hardening = Hardening()
    with logged():
        try:
            envelope = Envelope.from_json(body)
            announcement = read_announcement(envelope, MANAGEMENT, ORGANIZATION_ID)
            outcome = hardening.run.run(announcement, attempt=1, is_last=True)
        except DOCUMENTED as error:
            logger.error("message failed", why=str(error))
        else:
            logger.info("account handled", account=str(outcome.account), result=outcome.result)
            read_outcome(outcome, envelope)
        try:
            read_departure(Envelope.from_json(body), MANAGEMENT)
        except DOCUMENTED as error:
            logger.error("message failed", why=str(error))


def explain(body: str) -> None:
    """Explain one as rootctl does, and hold what it prints."""
    try:
        envelope = Envelope.from_json(body)
        knowledge = Knowledge()
        for taker in takers(envelope, knowledge):
            explanation = _EXPLAINERS[taker](envelope, knowledge.copy())
            for text in (
                explanation.would,
                explanation.because,
                explanation.notification,
                explanation.account,
            ):
                visible(printable(text or ""), "rootctl explain")
        visible(printable(why_none(envelope, knowledge)), "rootctl explain")
    except MalformedEvent as malformed:
        visible(printable(str(malformed)), "rootctl explain")


def said(stranger: Stranger) -> str:
    """Forge an outcome as a stranger's texts would make it, on the bus."""
    given = stranger.random.choice(_outcomes())
    detail = (
        stranger.texts_changed(given["detail"], 0.3)
        if stranger.chance(0.6)
        else stranger.changed(given["detail"])
    )
    return json.dumps(
        {**given, "region": stranger.random.choice((given["region"], stranger.text())), "detail": detail}
    )


def notify(body: str) -> None:
    """Write the messages of one."""
    try:
        read_message(Envelope.from_json(body))
    except MalformedEvent as malformed:
        visible(printable(str(malformed)), "the error")


@cache
def _outcomes() -> tuple[dict[str, Any], ...]:
    return tuple(as_event(story()) for story in STORIES)
