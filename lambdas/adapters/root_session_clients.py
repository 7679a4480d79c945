"""One STS and one IAM client for any number of root sessions, and one that puts them on record.

A client per account costs more than its two calls, and creating clients is not thread-safe. botocore
lets a credential provider decide which credentials sign: this one looks at whose turn it is in the
thread that makes the call.
https://docs.aws.amazon.com/botocore/latest/reference/credentials.html
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, Credentials, ReadOnlyCredentials

from lambdas.adapters.clients import CONFIG, PROMPT, regional
from lambdas.adapters.root_credentials import SUMMARY
from lambdas.adapters.root_sessions import RootSessionKeys
from lambdas.domain.sweep_rate import RateLimiter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sts import STSClient

_ENTRIES = re.compile(rb"<entry>.*</entry>", re.DOTALL)
_ROOT_FLAGS = re.compile(
    rb"<entry>\s*<key>(?:%b)</key>\s*<value>\d+</value>\s*</entry>" % "|".join(SUMMARY).encode()
)

_signing: ContextVar[ReadOnlyCredentials] = ContextVar("signing")


@contextmanager
def signed_with(keys: RootSessionKeys) -> Iterator[None]:
    """Have the shared IAM client's calls of this thread signed with a root session's keys."""
    credentials = ReadOnlyCredentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
    token = _signing.set(credentials)
    try:
        yield
    finally:
        _signing.reset(token)


class _SigningCredentials(Credentials):
    """Whatever signed_with names; a call outside of it fails, rather than being signed by somebody else."""

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return _signing.get()


class _SigningProvider(CredentialProvider):
    METHOD = CANONICAL_NAME = "root-session"

    def load(self) -> Credentials:
        return _SigningCredentials("chosen", "per", "call", method=self.METHOD)


def shared_iam_client(threads: int, *, config: Config = CONFIG, region: str | None = None) -> "IAMClient":
    """Return an IAM client whose every call takes the keys that signed_with names."""
    session = botocore.session.get_session()
    session.get_component("credential_provider").insert_before("env", _SigningProvider())
    made = boto3.Session(botocore_session=session, region_name=region)
    client = made.client("iam", config=_pooled(threads, config))
    client.meta.events.register("before-parse.iam.GetAccountSummary", _leave_root_flags)
    return client


def limited_sts_client(
    threads: int,
    limiter: RateLimiter,
    *,
    config: Config = CONFIG,
    session: boto3.Session | None = None,
) -> "STSClient":
    """Return an STS client that waits for its turn before every request, also one tried again."""

    def wait(**_: object) -> None:
        limiter.wait()

    client = (session or boto3).client("sts", config=_pooled(threads, config))
    client.meta.events.register("before-sign.sts", wait)
    return regional(client)


def recording_client(threads: int) -> "DynamoDBClient":
    """Return a DynamoDB client that puts many sessions on record."""
    return boto3.client("dynamodb", config=_pooled(threads, PROMPT))


def _pooled(threads: int, config: Config) -> Config:
    """Return what clients for thousands of equal calls need.

    Composing botocore's own user agent, and checking parameters that are always the same, take a fifth
    of a call's CPU time. CloudTrail shows the user agent.
    """
    return config.merge(
        Config(max_pool_connections=threads, user_agent="rootwarden", parameter_validation=False)
    )


def _leave_root_flags(response_dict: dict[str, Any], **_: object) -> None:
    """Leave only the entries that are read of a summary of thirty: parsing all takes a fifth of the call."""
    entries = _ROOT_FLAGS.findall(response_dict["body"])
    if len(entries) == len(SUMMARY):
        response_dict["body"] = _ENTRIES.sub(b"".join(entries), response_dict["body"], count=1)
