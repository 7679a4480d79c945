"""E-mail by SNS: a subject of at most 100 ASCII characters on one line, and a plain text body."""

import unicodedata
from dataclasses import dataclass, replace

from msgspec import structs

from rootwarden.inert_text import one_line
from rootwarden.messages.announcement import LONGEST_SENTENCE, Announcement

_LONGEST_SUBJECT = 100
_PREFIX = "[rootwarden] "


@dataclass(frozen=True)
class Email:
    """What SNS sends to every subscribed address."""

    subject: str
    body: str


def write_email(announcement: Announcement) -> Email:
    """Write the e-mail."""
    return Email(subject=_subject(announcement), body=_body(announcement))


def _subject(announcement: Announcement) -> str:
    name = _ascii(announcement.account.name or "")
    room = _LONGEST_SUBJECT - len(_titled(announcement, "-")) + 1
    # A long name gives way; the account id and what happened stay readable.
    shortened = name if len(name) <= room else name[: max(room - 3, 0)] + "..."
    return _titled(announcement, shortened)[:_LONGEST_SUBJECT].rstrip()


def _titled(announcement: Announcement, name: str) -> str:
    account = structs.replace(announcement.account, name=name)
    return _PREFIX + _ascii(replace(announcement, account=account).title)


def _ascii(text: str) -> str:
    """Return what a subject may hold of a text: SNS refuses anything but ASCII, and control characters."""
    ascii_only = unicodedata.normalize("NFKD", one_line(text)).encode("ascii", "ignore").decode()
    return one_line(ascii_only)


def _body(announcement: Announcement) -> str:
    facts = [(one_line(label), value) for label, value in announcement.facts]
    width = max((len(label) for label, _ in facts), default=0)
    particulars = [f"  {label:<{width}}  {one_line(value)}" for label, value in facts]
    steps = [f"  {n}. {_sentence(step)}" for n, step in enumerate(announcement.next_steps, 1)]
    links = [f"  {one_line(label)}:\n  {url}" for label, url in announcement.links]
    sections = [
        announcement.title,
        f"WHAT HAPPENED\n  {_sentence(announcement.happened)}",
        f"WHAT WAS DONE\n  {_sentence(announcement.done)}",
        "WHAT TO DO NOW\n" + "\n".join(steps),
        "PARTICULARS\n" + "\n".join(particulars),
    ]
    if links:
        sections.append("LINKS\n" + "\n".join(links))
    return "\n\n".join(sections) + "\n"


def _sentence(text: str) -> str:
    return one_line(text, longest=LONGEST_SENTENCE)
