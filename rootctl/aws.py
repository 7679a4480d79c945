"""AWS with the operator's own credentials."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import sleep
from typing import Any, Self, TypeVar

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, NoRegionError
from botocore.session import get_session

from rootwarden.aws.clients import PATIENT, refusals, regional
from rootwarden.refusals import CallRefused

T = TypeVar("T")


@dataclass(frozen=True)
class AwsSession:
    """Who calls AWS, where, and about which deployment: one of each for a whole command."""

    boto3: boto3.Session
    name_prefix: str = ""

    @classmethod
    def begin(cls, profile: str | None, region: str | None, name_prefix: str = "") -> Self:
        """Take profile and Region as the AWS CLI does; raises CallRefused, as for an unknown profile."""
        with refusals():
            session = boto3.Session(profile_name=profile, region_name=region)
        session.events.register("before-parse", _refuse_web_page)
        session.events.register("after-call", _name_region)
        session.events.register("after-call-error", _refuse_unknown_region)
        return cls(session, name_prefix)

    @property
    def region(self) -> str | None:
        """The Region calls go to; None when neither the command nor the configuration names one."""
        return self.boto3.region_name

    def client(self, service: str, *, region: str | None = None, config: Config | None = None) -> Any:
        """Return a client of a service, with the retries of every client here; raises CallRefused."""
        session: Any = self.boto3  # boto3-stubs wants a literal service name
        with refusals():
            if service == "sts":
                self.need_region()
            made = session.client(
                service, region_name=region, config=PATIENT.merge(config) if config else PATIENT
            )
            return regional(made) if service == "sts" else made

    def need_region(self) -> None:
        """Raise NoRegionError where none is configured: STS alone would then go to its global endpoint."""
        if self.region is None:
            raise NoRegionError

    def caller(self) -> str:
        """Return the ARN AWS knows the operator by; raises CallRefused."""
        with refusals():
            return str(self.client("sts").get_caller_identity()["Arn"])


def region_of(arn: str) -> str:
    """Return the Region that an ARN names."""
    return arn.split(":")[3]


_PAUSES = (1.0, 2.0, 4.0, 8.0)
_TOO_MANY_REQUESTS = 429
# Systems Manager answers it with another status.
_THROTTLED = frozenset({"Throttling", "ThrottlingException"})


def sent_once(call: Callable[[], T]) -> T:
    """Make a call that acts each time it is sent; what was throttled was not begun, and is sent again.

    The client tries nothing again by itself: a second answer would hide what the first call did.
    """
    for pause in _PAUSES:
        try:
            return call()
        except ClientError as error:
            if not _is_throttled(error):
                raise
            sleep(pause)
    return call()


def _is_throttled(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status == _TOO_MANY_REQUESTS or error.response.get("Error", {}).get("Code") in _THROTTLED


def may_have_acted(refused: CallRefused) -> bool:
    """Say whether AWS may have done what was asked for, though its answer did not arrive."""
    return refused.is_transient


# Of credentials that are not valid, and of any in a Region that their account has not enabled.
UNKNOWN_CREDENTIALS = frozenset({"InvalidClientTokenId", "UnrecognizedClientException"})


def _name_region(parsed: dict[str, Any], context: Mapping[str, Any], **_: object) -> None:
    """Have AWS's message say in which Region it does not know the credentials."""
    error = parsed.get("Error", {})
    if error.get("Code") in UNKNOWN_CREDENTIALS:
        error["Message"] = f"{error.get('Message', '').rstrip('. ')} (asked in {context['client_region']})"


class NoSuchRegion(BotoCoreError):
    """When nothing answers in a Region, and botocore knows none of that name."""

    fmt = "there is no Region {region} that this rootctl knows"


# The Region of services that have one endpoint for all.
_GLOBAL = "-global"


def _refuse_unknown_region(exception: Exception, context: Mapping[str, Any], **_: object) -> None:
    region = str(context["client_region"])
    if isinstance(exception, EndpointConnectionError) and not (region.endswith(_GLOBAL) or _is_known(region)):
        raise NoSuchRegion(region=region) from exception


def _is_known(region: str) -> bool:
    known = get_session()
    return any(
        region in known.get_available_regions("ec2", partition)
        for partition in known.get_available_partitions()
    )


class AnswerNotFromAws(BotoCoreError):
    """When a web page answers a call, such as a proxy's."""

    fmt = "a web page answered, with status {status}: it is not AWS's"


def _refuse_web_page(response_dict: dict[str, Any], **_: object) -> None:
    """Let botocore take a page for an error of the server, which it tries again; raise for any other page."""
    body = response_dict.get("body")
    if not isinstance(body, bytes) or not _PAGE.match(body):
        return
    if response_dict["status_code"] < _SERVER_ERROR:
        raise AnswerNotFromAws(status=response_dict["status_code"])
    response_dict["body"] = b"<html>"


_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+)?html", re.I | re.S)
_SERVER_ERROR = 500
OLDEST = "1.35.61"


def too_old() -> str | None:
    """Say in a sentence what to do where the installed botocore is older; None where it is not."""
    found = botocore.__version__
    if _numbers(found) >= _numbers(OLDEST):
        return None
    return (
        f"botocore {found} does not know sts:AssumeRoot: install boto3 {OLDEST} or newer,"
        f" with python -m pip install --upgrade 'boto3>={OLDEST}'."
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"[0-9]+", version)[:3])
