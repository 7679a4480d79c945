"""The Regions of the aws partition: which every account has, and how the configuration names them.

DEFAULT_REGIONS: as of 2026-11-28, https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
("AWS Regions that are enabled by default"). AWS has made every Region opt-in since March 2019, so the list
does not grow. An SDK knows which Regions there are, not which of them an account must opt in to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Where CloudTrail records global services: Organizations, IAM, the sign-in of root.
GLOBAL_SERVICES_REGION = "us-east-1"
DEFAULT_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    *("ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"),
    *("ap-southeast-1", "ap-southeast-2"),
)
# Stands for all of them in a list, so that an opt-in Region can be added to them.
ALL_DEFAULT = "default"


def expanded(named: Iterable[str]) -> tuple[str, ...]:
    """Return each Region once, with `default` replaced by the Regions it stands for."""
    regions = [region for name in named for region in (DEFAULT_REGIONS if name == ALL_DEFAULT else (name,))]
    return tuple(dict.fromkeys(regions))


def must_be_opted_in(regions: Iterable[str]) -> tuple[str, ...]:
    """Return the Regions that an account has only where it has opted in."""
    return tuple(region for region in regions if region not in DEFAULT_REGIONS)
