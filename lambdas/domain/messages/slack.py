"""Slack by incoming webhook: Block Kit, within its limits (150 characters a header, 3,000 a section).

https://docs.slack.dev/reference/block-kit/blocks/
"""

from lambdas.domain.messages.announcement import LONGEST_SENTENCE, Announcement
from lambdas.domain.messages.chat_text import escaped
from lambdas.domain.messages.marks import MARKS

_HEADER = 150
_SECTION = 3000


def write_slack(announcement: Announcement) -> dict[str, object]:
    """Write the message as the JSON object that is posted to the webhook."""
    steps = "\n".join(
        f"{n}. {escaped(step, longest=LONGEST_SENTENCE)}" for n, step in enumerate(announcement.next_steps, 1)
    )
    facts = "\n".join(f"*{escaped(label)}:* {escaped(value)}" for label, value in announcement.facts)
    links = " · ".join(f"<{url}|{escaped(label)}>" for label, url in announcement.links)
    title = f"{MARKS[announcement.severity]} {announcement.title}"
    header = {"type": "plain_text", "text": _shortened(title, _HEADER), "emoji": True}
    sections = [
        "\n".join(escaped(s, longest=LONGEST_SENTENCE) for s in (announcement.happened, announcement.done)),
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


def _markdown(text: str) -> dict[str, object]:
    # Verbatim: Slack makes no links of its own out of addresses and names.
    return {"type": "mrkdwn", "text": _shortened(text, _SECTION), "verbatim": True}


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
