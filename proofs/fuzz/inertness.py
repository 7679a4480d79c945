"""What must hold of everything people read; each check raises Broken saying what is wrong."""

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from proofs.fuzz.strangers import COMMAND, SECRETS
from rootwarden.inert_text import is_visible

_CHAT = re.compile(r"<(?!https://[a-z0-9.-]*console\.(?:aws\.amazon\.com|amazonaws[a-z-]*\.(?:com|cn))/)|`")
# What stands in code, chat neither makes a mention of nor anything else.
_COMMAND = re.compile(r"`(?:rootctl|aws|make|(?:instance|stack)\(\)) [^`<\n]*`")
_LINK = re.compile(r"(?i)(?:https?|ftp|mailto|\btel):")
_OWN_LINK = re.compile(
    r"https://[a-z0-9.-]*console\.(?:aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)/"
)
_MENTION = re.compile(r"@(?:here|channel|everyone)\b", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Broken(Exception):
    """When something people read is not inert, or a secret came out."""


def no_secret(text: str, where: str) -> None:
    """Hold that nothing planted is in a text."""
    for secret in SECRETS:
        if secret in text or json.dumps(secret)[1:-1] in text:
            raise Broken(f"{where} holds a planted secret")


def visible(text: str, where: str, *, but: str = "\n") -> None:
    """Hold that each character shows what it is."""
    hidden = sorted({character for character in text if character not in but and not is_visible(character)})
    if hidden:
        raise Broken(f"{where} holds {', '.join(map(ascii, hidden[:5]))}")
    no_secret(text, where)


def plain(text: str, where: str) -> None:
    """Hold that mail clients make links of nothing but addresses of AWS's consoles."""
    visible(text, where)
    for found in _LINK.finditer(text):
        if not _OWN_LINK.match(text, found.start()):
            raise Broken(f"{where} has a link: {text[found.start() :][:60]!r}")


def chat(text: str, where: str) -> None:
    """Hold that chat makes no link, mention, markup or command of what strangers wrote."""
    plain(text, where)
    if f"`{COMMAND}" in text:
        raise Broken(f"{where} has a stranger's command as code")
    text = _COMMAND.sub("", text)
    if found := _CHAT.search(text):
        raise Broken(f"{where} has markup at {text[found.start() :][:60]!r}")
    if found := _MENTION.search(text):
        raise Broken(f"{where} mentions {found[0]}")


def texts_in(document: object) -> Iterator[str]:
    """Yield every text of a JSON document."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for value in document.values():
            yield from texts_in(value)
    elif isinstance(document, list):
        for value in document:
            yield from texts_in(value)


def spreadsheet(text: str, where: str) -> None:
    """Hold that a CSV has no formula and nothing hidden, whichever separator is read."""
    visible(text, where, but="\r\n")
    for delimiter in ",;|":
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            for cell in line:
                if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA):
                    raise Broken(f"{where} has a formula: {cell[:60]!r}")


class _Tags(HTMLParser):
    """Counts what a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))


def tags_of(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the elements of a page with their attributes' names: what strangers wrote adds none."""
    parser = _Tags()
    parser.feed(page)
    return parser.tags
