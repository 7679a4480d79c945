"""An announcement: what a message says, before it is written for e-mail or chat."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from msgspec import structs

from rootwarden.activity.root_activity import Severity
from rootwarden.inert_text import inert, one_line
from rootwarden.outcomes import AccountReference

Facts = tuple[tuple[str, str], ...]

# Sentences of ours with texts of others in them; and AWS lets an account's name have 50 characters.
LONGEST_SENTENCE = 1000
_LONGEST_NAME = 64
# An event's id has 36 characters, a bucket's name 63 at most.
_LONGEST_PART = 64


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """One message. facts and links: label and value; next_steps: what to do now, in order.

    who: who acted, from where. entry: the heading in docs/incidents.md. where, sign_in (how, and the
    address) and runbook are the same for all messages: see rootwarden.messages.guidance. activity: as in
    the outcome, for subscribers' filters.
    """

    severity: Severity
    account: AccountReference
    headline: str
    happened: str
    done: str
    facts: Facts
    next_steps: tuple[str, ...]
    links: Facts
    entry: str | None = None
    who: Facts = ()
    where: Facts = ()
    sign_in: Facts = ()
    runbook: str | None = None
    activity: str | None = None

    @property
    def title(self) -> str:
        """Return severity, account and headline in one line."""
        name = inert(self.account.name, longest=_LONGEST_NAME) if self.account.name else None
        account = structs.replace(self.account, name=name)
        return one_line(f"{self.severity.upper()} {account}: {self.headline}")


MARKS = {
    Severity.CRITICAL: ":rotating_light:",
    Severity.HIGH: ":red_circle:",
    Severity.MEDIUM: ":large_orange_circle:",
    Severity.LOW: ":large_blue_circle:",
    Severity.INFO: ":white_check_mark:",
}


_DOMAINS = {"us-gov-": "console.amazonaws-us-gov.com", "cn-": "console.amazonaws.cn"}
# As every Region is named: us-east-1, us-gov-west-1, eusc-de-east-1. An event may say anything else.
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]{2,10}){1,2}-[0-9]{1,2}", re.ASCII)


def cloudtrail_event(region: str, event_id: str) -> str:
    """Return the link to one CloudTrail event; it opens for someone signed in to that account."""
    event = f"#/events/{_part(event_id)}"
    if not _is_region(region):
        # Never into a host's name: what an event says there need not be a Region.
        return f"https://{_domain(region)}/cloudtrailv2/home{event}"
    return f"https://{region}.{_domain(region)}/cloudtrailv2/home?region={region}{event}"


def organizations_account(region: str, account_id: str) -> str:
    """Return the link to an account's page in AWS Organizations."""
    return f"https://{_domain(region)}/organizations/v2/home/accounts/{_part(account_id)}"


def s3_object(region: str, bucket: str, key: str) -> str:
    """Return the link to an object in S3; it opens for someone who may read it."""
    where = f"region={region}&" if _is_region(region) else ""
    return f"https://{_domain(region)}/s3/object/{_part(bucket)}?{where}prefix={quote(key)}"


def _is_region(region: str) -> bool:
    return _REGION.fullmatch(region) is not None


def _domain(region: str) -> str:
    for prefix, domain in _DOMAINS.items():
        if _is_region(region) and region.startswith(prefix):
            return domain
    return "console.aws.amazon.com"


def _part(text: str) -> str:
    # A stranger's text may be of any length, and each character becomes three or more.
    return quote(text[:_LONGEST_PART], safe="")
