"""boto3 clients of the embedded AWS, by account and Region."""

import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from embedded_aws.extensions import Extensions
from embedded_aws.iam.roles import statements_of, trusts
from embedded_aws.sts.root_sessions import Credentials

# What fails here fails for good; no one should wait for a retry.
_CONFIG = Config(retries={"max_attempts": 1})
# Nothing in a session tells one embedded AWS from the next, and it takes as long to make as a client.
_session = cache(boto3.Session)


class Clients:
    """Makes clients and keeps them; making one takes longer than most calls."""

    def __init__(self, extensions: Extensions) -> None:
        """Make clients with the credentials the extensions hand out."""
        self._extensions = extensions
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._lock = threading.Lock()

    def administrator(self, service: str, account: str, region: str) -> Any:
        """Return a client of an administrator of the account."""
        key = (service, account, region)
        with self._lock:
            if key not in self._clients:
                credentials = self._extensions.administrator(account)
                self._clients[key] = self._client(service, region, credentials)
            return self._clients[key]

    def role(self, service: str, role_arn: str, region: str, *, session_name: str) -> Any:
        """Return a client that acts as a role."""
        credentials = self._extensions.credentials_for(role_arn, session_name)
        with self._lock:
            return self._client(service, region, credentials)

    def assume(self, role_arn: str, service: str, context: Mapping[str, str]) -> bool:
        """Let a service take a role, judged by its policies from now on; say whether the role trusts it."""
        if not trusts(role_arn, service, context):
            return False
        self._extensions.enforce(role_arn, statements_of(role_arn))
        return True

    def _client(self, service: str, region: str, credentials: Credentials) -> Any:
        session: Any = _session()  # boto3-stubs wants a literal service name
        return session.client(service, region_name=region, config=_CONFIG, **credentials.for_boto3())
