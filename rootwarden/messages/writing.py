"""Announcements, written for e-mail, for Slack, and for Amazon Q Developer in chat applications."""

import json
import re
import unicodedata
from dataclasses import dataclass, replace

from msgspec import structs

from rootwarden.inert_text import LONGEST, one_line
from rootwarden.messages.message import LONGEST_SENTENCE, MARKS, Facts, Message

_LONGEST_SUBJECT = 100
_PREFIX = "[rootwarden] "
# What mail and chat clients make links of by themselves, also within words.
_ADDRESS = r"(?<=http):|(?<=https):|(?<=ftp):|(?<=mailto):|(?<=\btel):"
# An :emoji:. Within a word only one whose name has a "_": ARNs and addresses have colons there, too.
_EMOJI = r"(?<![\w:]):(?=[\w+'-]+:) | :(?=[\w+'-]*_[\w+'-]*:)"
# What Slack or Teams take for markup loses its power where this sign is written as its escape in code.
_MARKUP = re.compile(
    rf"""
    (?<!\w)[*_~](?=\S)            # *bold*, _italic_, ~struck~; not role_names, not s3:*
    | `                           # `code`
    | (?<=\])\(                   # [words](address), as Teams reads it
    | {_ADDRESS}
    | {_EMOJI}
    | @(?=(?:here|channel|everyone)\b)
    | ^>                          # a quotation
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LINKED = re.compile(_ADDRESS, re.IGNORECASE)
_PICTURED = re.compile(_EMOJI, re.VERBOSE)
# A command ends its step. Taken for one by mistake, prose is as inert.
_COMMAND = re.compile(r"(?:^|(?<=: ))(?:rootctl|aws|make|(?:instance|stack)\(\)) .+$")
_HEADER = 150
_SECTION = 3000
# AWS names no limit. With title and steps, Microsoft Teams takes some 28,000 bytes a message.
_DESCRIPTION = 8000


@dataclass(frozen=True)
class Email:
    """What SNS sends to every subscribed address."""

    subject: str
    body: str


def write_email(message: Message) -> Email:
    """Write the e-mail."""
    return Email(subject=_subject(message), body=_body(message))


def _subject(message: Message) -> str:
    name = _ascii(message.account.name or "")
    room = _LONGEST_SUBJECT - len(_titled(message, "-")) + 1
    # A long name gives way; the account id and what happened stay readable.
    shortened = name if len(name) <= room else name[: max(room - 3, 0)] + "..."
    return _titled(message, shortened)[:_LONGEST_SUBJECT].rstrip()


def _titled(message: Message, name: str) -> str:
    account = structs.replace(message.account, name=name)
    return _PREFIX + _ascii(replace(message, account=account).title)


def _ascii(text: str) -> str:
    """Return what a subject may hold of a text: SNS refuses anything but ASCII, and control characters."""
    ascii_only = unicodedata.normalize("NFKD", one_line(text)).encode("ascii", "ignore").decode()
    return one_line(ascii_only)


def _body(message: Message) -> str:
    """Write what, where, who, what was done, what to do: a person at night reads from the top."""
    steps = [f"  {n}. {_sentence(step)}" for n, step in enumerate(message.next_steps, 1)]
    if message.runbook:
        steps.append(f"  Runbook: {one_line(message.runbook)}")
    links = [f"  {one_line(label)}:\n  {url}" for label, url in message.links]
    sections = {
        "WHAT HAPPENED": f"  {_sentence(message.happened)}",
        "WHERE": _columns(message.where, tuple(("Sign in", f"{how}: {url}") for how, url in message.sign_in)),
        "WHO": _columns(message.who),
        "WHAT WAS DONE": f"  {_sentence(message.done)}",
        "WHAT TO DO NOW": "\n".join(steps),
        "PARTICULARS": _columns(message.facts),
        "LINKS": "\n".join(links),
    }
    written = [f"{title}\n{text}" for title, text in sections.items() if text]
    return "\n\n".join([_unlinked(message.title), *written]) + "\n"


def _columns(facts: Facts, own_links: Facts = ()) -> str:
    rows = [(one_line(label), _unlinked(one_line(value))) for label, value in facts]
    rows += own_links
    width = max((len(label) for label, _ in rows), default=0)
    return "\n".join(f"  {label:<{width}}  {value}" for label, value in rows)


def _sentence(text: str) -> str:
    return _unlinked(one_line(text, longest=LONGEST_SENTENCE))


def _unlinked(text: str) -> str:
    return _LINKED.sub(_as_escape, text)


def _as_escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def escaped(text: str, *, longest: int = LONGEST) -> str:
    """Return a text on one line, inert, with everything escaped that chat would obey."""
    shown = _MARKUP.sub(_as_escape, one_line(text, longest=longest))
    return _entities(shown)


def _step(step: str) -> str:
    """Return a step for chat, its command as code: there nothing is markup, so a name stays what it is."""
    shown = one_line(step, longest=LONGEST_SENTENCE)
    command = _COMMAND.search(shown)
    if command is None:
        return escaped(shown, longest=LONGEST_SENTENCE)
    prose = escaped(shown[: command.start()], longest=LONGEST_SENTENCE)
    code = _entities(_unlinked(command[0].replace("`", "\\u0060")))
    return f"{prose} `{code}`".strip()


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _bold(message: Message) -> str:
    facts = [*message.where, *message.who, *message.facts]
    runbook = message.runbook
    if runbook and not _is_address(runbook):
        facts.append(("Runbook", runbook))
    return "\n".join(f"*{escaped(label)}:* {escaped(value)}" for label, value in facts)


def _links(message: Message) -> list[str]:
    runbook = message.runbook
    read_on = (("Runbook", runbook),) if runbook and _is_address(runbook) else ()
    sign_in = ((f"Sign in {how}", url) for how, url in message.sign_in)
    links = (*read_on, *sign_in, *message.links)
    return [f"<{url}|{escaped(label)}>" for label, url in links]


def _is_address(text: str) -> bool:
    return text.startswith("https://")


def write_slack(message: Message) -> dict[str, object]:
    """Write the message as the JSON object that is posted to the webhook."""
    steps = "\n".join(f"{n}. {_step(step)}" for n, step in enumerate(message.next_steps, 1))
    facts = _bold(message)
    links = " · ".join(_links(message))
    # Plain text knows no markup but emoji, which our own mark is.
    mark = MARKS[message.severity]
    title = f"{mark} {_PICTURED.sub(_as_escape, message.title)}"
    header = {"type": "plain_text", "text": _shortened(title, _HEADER), "emoji": True}
    sections = [
        "\n".join(escaped(s, longest=LONGEST_SENTENCE) for s in (message.happened, message.done)),
        f"*What to do now*\n{steps}",
        facts,
        links,
    ]
    return {
        "text": f"{mark} {escaped(message.title)}",
        "blocks": [
            {"type": "header", "text": header},
            *({"type": "section", "text": _markdown(text)} for text in sections if text),
        ],
    }


def _markdown(text: str) -> dict[str, object]:
    # Verbatim: Slack makes no links of its own out of addresses and names.
    return {"type": "mrkdwn", "text": _shortened_markdown(text, _SECTION), "verbatim": True}


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _shortened_markdown(text: str, longest: int) -> str:
    shown = _shortened(text, longest)
    # Code that was cut in two ends there.
    return f"{shown[: longest - 2]}…`" if shown.count("`") % 2 else shown


def _description(message: Message) -> str:
    sentences = (escaped(s, longest=LONGEST_SENTENCE) for s in (message.happened, message.done))
    links = "\n".join(_links(message))
    said = "\n\n".join(part for part in (*sentences, _bold(message)) if part)
    # A link that is cut leads nowhere: what is said gives way.
    room = _DESCRIPTION - len(links) - 2
    return "\n\n".join(part for part in (_shortened(said, max(room, 1)), links) if part)


def write_amazon_q(message: Message) -> str:
    """Write the notification as the JSON document that goes to the chat topic."""
    account_id = escaped(
        message.account.account_id or ("organization" if message.account.name else "unknown")
    )
    document = {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": f"{MARKS[message.severity]} {escaped(message.title)}",
            "description": _description(message),
            "nextSteps": [_step(step) for step in message.next_steps],
            "keywords": ["rootwarden", message.severity.value, account_id],
        },
        "metadata": {
            "threadId": f"rootwarden-{account_id}",
            "summary": escaped(message.title),
            "eventType": "rootwarden",
            "relatedResources": [account_id],
            "additionalContext": {"severity": message.severity.value},
        },
    }
    return json.dumps(document, ensure_ascii=False)
