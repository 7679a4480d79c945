"""Slack by incoming webhook: Block Kit, within its limits (150 characters a header, 3,000 a section).

https://docs.slack.dev/reference/block-kit/blocks/
"""

from lambdas.domain.messages.announcement import Announcement, on_one_line
from lambdas.domain.messages.marks import MARKS

_HEADER = 150
_SECTION = 3000


def write_slack(announcement: Announcement) -> dict[str, object]:
    """Write the message as the JSON object that is posted to the webhook."""
    steps = "\n".join(f"{n}. {escaped(s)}" for n, s in enumerate(announcement.next_steps, 1))
    facts = "\n".join(f"*{label}:* {escaped(value)}" for label, value in announcement.facts)
    links = " · ".join(f"<{url}|{label}>" for label, url in announcement.links)
    title = f"{MARKS[announcement.severity]} {announcement.title}"
    header = {"type": "plain_text", "text": _shortened(title, _HEADER), "emoji": True}
    sections = [
        f"{escaped(announcement.happened)}\n{escaped(announcement.done)}",
        f"*What to do now*\n{steps}",
        facts,
        links,
    ]
    return {
        "text": escaped(title),
        "blocks": [
            {"type": "header", "text": header},
            *({"type": "section", "text": _markdown(text)} for text in sections if text),
        ],
    }


def escaped(text: str) -> str:
    """Return a text on one line, with what Slack reads as control characters escaped.

    No name can then make a link, a mention, or a line of its own.
    """
    return on_one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _markdown(text: str) -> dict[str, object]:
    # Verbatim: Slack makes no links of its own out of addresses and names.
    return {"type": "mrkdwn", "text": _shortened(text, _SECTION), "verbatim": True}


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
