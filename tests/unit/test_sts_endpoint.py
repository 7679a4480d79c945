"""Root sessions are asked for at the Region's own STS endpoint: the global one does not know AssumeRoot."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from rootctl.aws import AwsSession
from rootctl.direct import RootAccess
from rootwarden.aws import clients
from rootwarden.aws.clients import RootSessionKeys
from rootwarden.aws.root_session_pool import RateLimiter, RegionalStsClients, limited_sts_client, signed_with
from rootwarden.aws.root_sessions import assume_root
from rootwarden.contract.functions import AUDIT
from rootwarden.refusals import CallRefused
from tests.unit.given import MEMBER


class Sent(Exception):
    """When a request would leave; says where to."""


def of_the_functions() -> Any:
    clients.sts.cache_clear()
    return clients.sts()


def of_a_sweep() -> Any:
    return limited_sts_client(1, RateLimiter(10, clock=lambda: 0.0, sleep=lambda _: None))


def of_rootctl() -> Any:
    return RootAccess(AwsSession.begin(None, "eu-west-1")).sts()


def of_a_rootctl_session() -> Any:
    return AwsSession.begin(None, "eu-west-1").client("sts")


@pytest.mark.parametrize("make", [of_the_functions, of_a_sweep, of_rootctl, of_a_rootctl_session])
@pytest.mark.parametrize("setting", [None, "legacy", "regional"])
@pytest.mark.usefixtures("aws")
def test_the_endpoint_is_the_regions_whatever_is_set(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], Any], setting: str | None
) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    # One of the Regions for which "legacy" means the global endpoint.
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_STS_REGIONAL_ENDPOINTS", raising=False)
    if setting:
        monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", setting)
    client = make()
    clients.sts.cache_clear()

    def leave(request: Any, **_: object) -> None:
        raise Sent(request.url)

    client.meta.events.register_first("before-send", leave)

    with pytest.raises(Sent, match=r"^https://sts\.eu-west-1\.amazonaws\.com/"):
        assume_root(client, MEMBER, AUDIT)


@pytest.mark.usefixtures("aws")
def test_a_probe_goes_to_its_own_region_whatever_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    client = RegionalStsClients(1)("eu-west-1")

    def leave(request: Any, **_: object) -> None:
        raise Sent(request.url)

    client.meta.events.register_first("before-send", leave)

    keys = RootSessionKeys("ASIAIOSFODNN7EXAMPLE", "secret", "token")
    with signed_with(keys), pytest.raises(Sent, match=r"^https://sts\.eu-west-1\.amazonaws\.com/"):
        client.get_caller_identity()


def test_without_a_region_rootctl_asks_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    session = AwsSession.begin(None, None)

    for ask in (RootAccess(session).sts, session.caller):
        with pytest.raises(CallRefused, match="NoRegionError"):
            ask()
