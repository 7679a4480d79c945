"""Where a sweep's worker takes its root sessions from, all within its share of the request rate."""

import socket
import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore import xform_name
from botocore.exceptions import NoCredentialsError
from botocore.httpsession import URLLib3Session

from lambdas.adapters.query_calls import QueryCall, Signing
from lambdas.adapters.root_session_clients import limited_sts_client, shared_iam_client, signing_keys
from lambdas.adapters.root_session_pool import RootSessionPool
from lambdas.adapters.session_register import SessionRecords
from lambdas.domain.sweep_rate import RateLimiter

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sts import STSClient

# For how long turns that nobody took are kept: briefly, for every worker that begins takes them at once.
_SECONDS_KEPT = 0.1
# IAM has one endpoint a partition, and takes requests that are signed for its Region.
_IAM_SIGNS_FOR = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
# A request goes out in two parts; without this the second waits for the first one's receipt.
_AT_ONCE: Any = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
# Seconds until a connection or an answer that does not come is given up, and tried again.
_PATIENCE = 10


@dataclass(frozen=True)
class SweepSessions:
    """audits: cheap, and refused at the first try; see sweep_attempts. hardening: through patient clients."""

    audits: RootSessionPool
    hardening: RootSessionPool


def sweep_sessions(threads: int, requests_per_second: float, register: SessionRecords) -> SweepSessions:
    """Return both, for so many threads, which take turns together."""
    limiter = RateLimiter(
        requests_per_second,
        clock=time.monotonic,
        sleep=time.sleep,
        burst=max(1, int(requests_per_second * _SECONDS_KEPT)),
    )
    session = boto3.Session()
    sts = limited_sts_client(threads, limiter, session=session)
    iam = shared_iam_client(threads)
    own = session.get_credentials()
    if own is None:
        raise NoCredentialsError
    opening = Signing(credentials=own.get_frozen_credentials, region=sts.meta.region_name)
    looking = Signing(credentials=signing_keys, region=_IAM_SIGNS_FOR[iam.meta.partition])
    audits = RootSessionPool(
        cast("STSClient", _part_of(sts, "AssumeRoot", opening, threads)),
        cast("IAMClient", _part_of(iam, "GetAccountSummary", looking, threads)),
        register,
    )
    return SweepSessions(audits=audits, hardening=RootSessionPool(sts, iam, register))


def _part_of(client: "BaseClient", operation: str, signing: Signing, threads: int) -> object:
    """Return the part of a client that audits use."""
    http = URLLib3Session(timeout=_PATIENCE, max_pool_connections=threads, socket_options=_AT_ONCE)
    call = QueryCall(client, operation, signing=signing, http=http)
    return SimpleNamespace(meta=client.meta, **{xform_name(operation): call})
