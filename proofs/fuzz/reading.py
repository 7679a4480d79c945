"""What people read of an outcome and of a log line, each held to be inert."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from proofs.fuzz.inertness import Broken, chat, no_secret, plain, texts_in, visible
from rootwarden.aws.clients import logger
from rootwarden.contract.detail_types import SOURCE
from rootwarden.events import Envelope, Fields
from rootwarden.messages.compose import compose
from rootwarden.messages.writing import write_amazon_q, write_email, write_slack
from rootwarden.outcomes import Outcome
from tests.outcome_schemas import validator

# A sentence of nothing but links, each with its colon spelled out.
_LONGEST_LINE = 1800
_SUBJECT = 100
# SNS takes 256 KiB, Slack 3,000 characters of a section: a message that is longer reaches nobody.
_MESSAGE = 262_144


def read_outcome(outcome: Outcome, cause: Envelope) -> None:
    """Hold the outcome, as it goes over the bus, to its schema, and every message made of it."""
    said = json.dumps(outcome.to_detail())
    no_secret(said, "the outcome")
    detail = Fields(json.loads(said), "detail")
    if breach := next(validator(outcome.detail_type).iter_errors(detail.value), None):
        raise Broken(f"the outcome breaks its schema at {breach.json_path}: {breach.message[:100]!a}")
    read_message(replace(cause, source=SOURCE, detail_type=outcome.detail_type, detail=detail))


def read_message(envelope: Envelope) -> None:
    """Hold every message that people would get; raises MalformedEvent where nobody can read the outcome."""
    announcement = compose(envelope)
    if announcement is None:
        return
    email = write_email(announcement)
    visible(email.subject, "the subject", but="")
    if not email.subject.isascii() or len(email.subject) > _SUBJECT:
        raise Broken(f"SNS refuses the subject {email.subject!r}")
    plain(email.body, "the e-mail")
    if max(map(len, email.body.splitlines())) > _LONGEST_LINE or len(email.body.encode()) > _MESSAGE:
        raise Broken("the e-mail is too long")
    document = write_amazon_q(announcement)
    if len(document.encode()) > _MESSAGE:
        raise Broken("the document for Amazon Q is too long")
    for text in texts_in(json.loads(document)):
        chat(text, "the chat message")
    slack = write_slack(announcement)
    for text in texts_in(slack["text"]):
        chat(text, "Slack's text")
    _read_blocks(slack["blocks"])


def _read_blocks(blocks: Any) -> None:
    for block in blocks:
        text = block["text"]
        # Slack takes plain text for what it is.
        (visible if text["type"] == "plain_text" else chat)(text["text"], "Slack's message")


@contextmanager
def logged() -> Iterator[None]:
    """Hold every log line that is written meanwhile."""
    lines = io.StringIO()
    handler = logger.registered_handler
    before = handler.setStream(lines)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        handler.setStream(before)  # type: ignore[attr-defined]
    visible(lines.getvalue(), "the log")
