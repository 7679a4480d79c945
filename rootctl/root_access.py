"""Root sessions opened with the operator's own credentials."""

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from rootctl.aws import AwsSession
from rootctl.requests import NoRegister
from rootwarden.aws.clients import CONFIG
from rootwarden.aws.errors import refusals
from rootwarden.aws.root_session_pool import (
    RegionalStsClients,
    RootSessionPool,
    limited_sts_client,
    shared_iam_client,
)
from rootwarden.aws.root_sessions import AwsRootSessions
from rootwarden.sweep.batch import RateLimiter
from rootwarden.sweep.judgement import Attempts

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

THREADS = 16
# STS takes 600 requests a second from an account and Region; sweeps and others live on them as well.
_REQUESTS_PER_SECOND = 50.0
_PATIENCE = 60.0


def patient_attempts() -> Attempts:
    """Return attempts that go on for a minute from now while AWS only asks to slow down."""
    until = time.monotonic() + _PATIENCE
    return Attempts(
        sleep=time.sleep, time_left=lambda: until - time.monotonic(), unforeseen=_told_by_the_result
    )


def _told_by_the_result(_error: Exception) -> None:
    """Say nothing: whoever tried shows the error beside the account."""


@dataclass(frozen=True)
class RootAccess:
    """Opens root sessions, and makes clients that sign with their keys."""

    session: AwsSession
    _turn: Lock = field(default_factory=Lock, repr=False)

    def pool(self) -> RootSessionPool:
        """Return root sessions for very many accounts; raises CallRefused."""
        with refusals():
            iam = shared_iam_client(THREADS, region=self.session.region)
        return RootSessionPool(
            sts=self.sts(), iam=iam, register=NoRegister(), sts_in=RegionalStsClients(THREADS)
        )

    def sessions(self) -> AwsRootSessions:
        """Return root sessions for one account after the other; raises CallRefused."""
        return AwsRootSessions(self.sts(), self.iam, NoRegister())

    def sts(self) -> "STSClient":
        """Return an STS client that leaves requests for others; raises CallRefused."""
        limiter = RateLimiter(_REQUESTS_PER_SECOND, clock=time.monotonic, sleep=time.sleep, burst=THREADS)
        with refusals():
            self.session.need_region()
            return limited_sts_client(THREADS, limiter, session=self.session.boto3)

    def iam(self, access_key_id: str, secret_access_key: str, session_token: str) -> "IAMClient":
        """Return an IAM client that signs with a root session's credentials."""
        client: IAMClient = self._client("iam", access_key_id, secret_access_key, session_token, None)
        return client

    def s3(self, access_key_id: str, secret_access_key: str, session_token: str, region: str) -> "S3Client":
        """Return a Region's S3 client that signs with a root session's credentials."""
        client: S3Client = self._client("s3", access_key_id, secret_access_key, session_token, region)
        return client

    def sqs(self, access_key_id: str, secret_access_key: str, session_token: str, region: str) -> "SQSClient":
        """Return a Region's SQS client that signs with a root session's credentials."""
        client: SQSClient = self._client("sqs", access_key_id, secret_access_key, session_token, region)
        return client

    def _client(self, service: str, key: str, secret: str, token: str, region: str | None) -> Any:
        session: Any = self.session.boto3
        # Using clients is thread-safe, making them is not.
        with self._turn:
            return session.client(
                service,
                region_name=region,
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                aws_session_token=token,
                config=CONFIG.merge(Config(user_agent="rootwarden")),
            )
