"""Messages as their receivers would see them: an e-mail, a post in a Slack channel."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from rich.console import Group
from rich.emoji import Emoji
from rich.panel import Panel
from rich.text import Text

from embedded_aws.sns import Message

_CHANNELS = {"email": "e-mail to", "chat": "Slack, by Amazon Q Developer, channel", "slack": "Slack, by"}
_BORDERS = {"email": "blue", "chat": "magenta", "slack": "magenta"}
# `*bold*` and `<url|label>`: the mark-up both ways into Slack use.
_MARKUP = re.compile(r"\*(?P<bold>[^*\n]+)\*|<(?P<url>https?://[^|>]+)\|(?P<label>[^>]+)>")


def message_panel(message: Message) -> Panel:
    """Return a message in a frame."""
    if message.channel == "email":
        subject = Text.assemble("Subject: ", (message.subject or "", "bold"))
        content = Group(subject, Text(), Text(message.body.rstrip()))
    else:
        content = Group(*_paragraphs(message))
    channel = _CHANNELS[message.channel]
    return Panel(
        content,
        title=f"{channel} {message.to}",
        title_align="left",
        border_style=_BORDERS[message.channel],
    )


def message_title(message: Message) -> str:
    """Return a message's first line."""
    if message.subject is not None:
        return message.subject
    document = _document(message)
    title = document.get("text") or (document.get("content") or {}).get("title")
    return _plain(str(title or ""))


def _paragraphs(message: Message) -> Iterator[Text]:
    document = _document(message)
    if message.channel == "slack":
        for number, block in enumerate(document.get("blocks", [])):
            yield from ([Text()] if number else [])
            text = _marked(block["text"]["text"])
            yield Text(text.plain, style="bold") if block["type"] == "header" else text
        return
    content = document.get("content", {})
    if not content:
        # CloudWatch's own messages: Amazon Q draws the alarm itself.
        yield Text(f"{document.get('AlarmName')}: {document.get('NewStateReason')}")
        return
    yield Text(_marked(content.get("title", "")).plain, style="bold")
    yield Text()
    yield _marked(content.get("description", ""))
    if steps := content.get("nextSteps"):
        yield Text("\nNext steps", style="bold")
        for number, step in enumerate(steps, 1):
            yield Text(f"{number}. ").append_text(_marked(step))


def _document(message: Message) -> dict[str, Any]:
    try:
        document = json.loads(message.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _marked(text: str) -> Text:
    """Return Slack's mark-up as styles."""
    shown, end = Text(), 0
    for match in _MARKUP.finditer(text):
        shown.append(_plain(text[end : match.start()]))
        if match["bold"]:
            shown.append(_plain(match["bold"]), "bold")
        else:
            shown.append(_plain(match["label"]), f"underline link {unescape(match['url'])}")
        end = match.end()
    return shown.append(_plain(text[end:]))


def _plain(text: str) -> str:
    # Slack has a name for this one that rich does not know.
    return Emoji.replace(unescape(text).replace(":large_orange_circle:", "🟠"))
