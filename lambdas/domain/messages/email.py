"""E-mail by SNS: a subject of at most 100 ASCII characters on one line, and a plain text body."""

import unicodedata
from dataclasses import dataclass

from lambdas.domain.messages.announcement import Announcement

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
    name = announcement.account.name or ""
    room = _LONGEST_SUBJECT - len(_PREFIX) - len(announcement.title) + len(name)
    # A long name gives way; the account id and what happened stay readable.
    shortened = name if len(name) <= room else name[: max(room - 3, 0)] + "..."
    title = announcement.title.replace(name, shortened, 1) if name else announcement.title
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return (_PREFIX + " ".join(ascii_only.split()))[:_LONGEST_SUBJECT]


def _body(announcement: Announcement) -> str:
    width = max((len(label) for label, _ in announcement.facts), default=0)
    facts = [f"  {label:<{width}}  {value}" for label, value in announcement.facts]
    steps = [f"  {n}. {step}" for n, step in enumerate(announcement.next_steps, 1)]
    links = [f"  {label}:\n  {url}" for label, url in announcement.links]
    sections = [
        announcement.title,
        f"WHAT HAPPENED\n  {announcement.happened}",
        f"WHAT WAS DONE\n  {announcement.done}",
        "WHAT TO DO NOW\n" + "\n".join(steps),
        "PARTICULARS\n" + "\n".join(facts),
    ]
    if links:
        sections.append("LINKS\n" + "\n".join(links))
    return "\n\n".join(sections) + "\n"
