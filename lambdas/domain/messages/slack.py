"""Slack by incoming webhook: Block Kit, within its limits (150 characters a header, 3,000 a section).

https://docs.slack.dev/reference/block-kit/blocks/
"""

from lambdas.domain.messages.announcement import Announcement
from lambdas.domain.messages.marks import MARKS

_HEADER = 150
_SECTION = 3000


def write_slack(announcement: Announcement) -> dict[str, object]:
    """Write the message as the JSON object that is posted to the webhook."""
    steps = "\n".join(f"{n}. {_escaped(s)}" for n, s in enumerate(announcement.next_steps, 1))
    facts = "\n".join(f"*{label}:* {_escaped(value)}" for label, value in announcement.facts)
    links = " · ".join(f"<{url}|{label}>" for label, url in announcement.links)
    title = f"{MARKS[announcement.severity]} {announcement.title}"
    header = {"type": "plain_text", "text": _shortened(title, _HEADER), "emoji": True}
    sections = [
        f"{_escaped(announcement.happened)}\n{_escaped(announcement.done)}",
        f"*What to do now*\n{steps}",
        facts,
        links,
    ]
    return {
        "text": _escaped(title),
        "blocks": [
            {"type": "header", "text": header},
            *(
                {"type": "section", "text": {"type": "mrkdwn", "text": _shortened(text, _SECTION)}}
                for text in sections
                if text
            ),
        ],
    }


def _escaped(text: str) -> str:
    """Escape what Slack reads as control characters, so that no name can make a link or mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
