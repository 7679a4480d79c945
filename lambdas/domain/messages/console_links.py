"""Links into the AWS console, for the partition a Region belongs to."""

from urllib.parse import quote

_DOMAINS = {"us-gov-": "console.amazonaws-us-gov.com", "cn-": "console.amazonaws.cn"}


def _domain(region: str) -> str:
    for prefix, domain in _DOMAINS.items():
        if region.startswith(prefix):
            return domain
    return "console.aws.amazon.com"


def cloudtrail_event(region: str, event_id: str) -> str:
    """Return the link to one CloudTrail event; it opens for someone signed in to that account."""
    region = quote(region)
    home = f"https://{region}.{_domain(region)}/cloudtrailv2/home?region={region}"
    return f"{home}#/events/{quote(event_id)}"


def organizations_account(region: str, account_id: str) -> str:
    """Return the link to an account's page in AWS Organizations."""
    return f"https://{_domain(region)}/organizations/v2/home/accounts/{quote(account_id)}"


def s3_object(region: str, bucket: str, key: str) -> str:
    """Return the link to an object in S3; it opens for someone who may read it."""
    return f"https://{_domain(region)}/s3/object/{quote(bucket)}?region={quote(region)}&prefix={quote(key)}"
