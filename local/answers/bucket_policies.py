"""Bucket policies with their conditions, which moto leaves out."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from local.answers.moto_patches import patched
from local.answers.policy_evaluation import Decision
from local.answers.resource_policies import Caller, Question, judge


@contextmanager
def bucket_policies_judged() -> Iterator[None]:
    """Let what a bucket's policy denies be refused, for as long as the context lasts.

    moto does not say who asks: only what is denied to everybody counts. Within one account, what is
    allowed is a matter of the caller's role.
    """
    with patched(FakeBucket, "get_permission", _permission):
        yield


def _permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
    policy = bucket.policy.decode() if isinstance(bucket.policy, bytes) else bucket.policy
    question = Question(caller=Caller(), action=action, resource=resource)
    denied = judge(policy, question) is Decision.EXPLICITLY_DENIED
    return PermissionResult.DENIED if denied else PermissionResult.NEUTRAL
