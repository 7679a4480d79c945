"""What the values of the configuration look like, and how to say so to a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from aws_cdk.region_info import RegionInfo

from rootwarden.contract.regions import ALL_DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


@dataclass(frozen=True)
class Format:
    """A text value: what it takes, in words, and the test for it."""

    takes: str
    accepts: Callable[[str], bool]


@dataclass(frozen=True)
class Numbers:
    """A whole number: what it takes, in words, and the values allowed."""

    takes: str
    allowed: Collection[int]


def _pattern(takes: str, pattern: str) -> Format:
    compiled = re.compile(pattern)
    return Format(takes, lambda value: compiled.fullmatch(value) is not None)


def _is_date(value: str) -> bool:
    # Python 3.11's fromisoformat also takes 20270131 and 2027-W04-7, which AWS operators would not.
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_region(value: str) -> bool:
    # In the other partitions the global services live in another Region than us-east-1.
    return RegionInfo.get(value).partition == "aws"


ACCOUNT = _pattern("a 12-digit AWS account id, as text", r"[0-9]{12}")
ORGANIZATION = _pattern("an organization id, o- and 10 to 32 characters", r"o-[a-z0-9]{10,32}")
ORGANIZATION_ROOT = _pattern(
    "the id of the organization's root, r- and 4 to 32 characters", r"r-[0-9a-z]{4,32}"
)
POLICY = _pattern("the id of a policy, p- and 8 to 128 characters", r"p-[0-9a-zA-Z_]{8,128}")
REGION = Format("a Region of the aws partition, such as us-east-1", _is_region)
REGIONS = Format(
    f'"{ALL_DEFAULT}" or a Region of the aws partition, such as us-east-1',
    lambda value: value == ALL_DEFAULT or _is_region(value),
)
EMAIL = _pattern("an e-mail address", r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
SLACK_WORKSPACE = _pattern("a Slack workspace id such as T012AB3C4D", r"T[A-Z0-9]{5,254}")
SLACK_CHANNEL = _pattern("a Slack channel id such as C012AB3C4D", r"[CG][A-Z0-9]{5,254}")
DATE = Format("a date as YYYY-MM-DD", _is_date)
SENTENCE = Format("a sentence", lambda value: bool(value.strip()))

QUEUE_DAYS = Numbers("a whole number of days from 1 to 14", range(1, 15))
LOG_DAYS = Numbers(
    "a number of days CloudWatch Logs knows, such as 30, 90, 365 or 3653",
    (
        *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
        *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
    ),
)


def one_of(*words: str) -> Format:
    """Return the format of a value that is one of a few words."""
    return Format(" or ".join(f'"{word}"' for word in words), lambda value: value in words)


def organizational_unit(root_id: str | None) -> Format:
    """Return the format of an OU id, which carries the id of the organization's root in it."""
    root = root_id.removeprefix("r-") if root_id else "[0-9a-z]{4,32}"
    example = f"ou-{root if root_id else 'ab12'}-11111111"
    whose = " of this organization" if root_id else ""
    return _pattern(f"an organizational unit id{whose}, such as {example}", rf"ou-{root}-[a-z0-9]{{8,32}}")


def secret(region: str) -> Format:
    """Return the format of a secret's ARN in `region`; functions read secrets of their own only."""
    return _pattern(
        f"the ARN of a Secrets Manager secret in {region or 'hub_region'} that holds the webhook's URL",
        rf"arn:aws[a-z-]*:secretsmanager:{region or '[a-z0-9-]+'}:[0-9]{{12}}:secret:[\w/+=.@-]+",
    )
