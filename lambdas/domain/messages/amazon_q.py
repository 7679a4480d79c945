"""Slack through Amazon Q Developer in chat applications: its custom notification schema, as JSON.

https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html - anything else is dropped silently.
"""

import json

from lambdas.domain.messages.announcement import LONGEST_SENTENCE, Announcement
from lambdas.domain.messages.chat_text import escaped
from lambdas.domain.messages.marks import MARKS


def write_amazon_q(announcement: Announcement) -> str:
    """Write the notification as the JSON document that goes to the chat topic."""
    account_id = escaped(
        announcement.account.account_id or ("organization" if announcement.account.name else "unknown")
    )
    facts = "\n".join(f"*{escaped(label)}:* {escaped(value)}" for label, value in announcement.facts)
    links = "\n".join(f"<{url}|{escaped(label)}>" for label, url in announcement.links)
    sentences = (escaped(s, longest=LONGEST_SENTENCE) for s in (announcement.happened, announcement.done))
    description = "\n\n".join(part for part in (*sentences, facts, links) if part)
    document = {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": f"{MARKS[announcement.severity]} {escaped(announcement.title)}",
            "description": description,
            "nextSteps": [escaped(step, longest=LONGEST_SENTENCE) for step in announcement.next_steps],
            "keywords": ["rootwarden", announcement.severity.value, account_id],
        },
        "metadata": {
            "threadId": f"rootwarden-{account_id}",
            "summary": escaped(announcement.title),
            "eventType": "rootwarden",
            "relatedResources": [account_id],
            "additionalContext": {"severity": announcement.severity.value},
        },
    }
    return json.dumps(document, ensure_ascii=False)
