"""Keeps moto from judging bucket policies, which it does without their conditions or the caller."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from local.answers.moto_patches import patched


@contextmanager
def bucket_policies_judged() -> Iterator[None]:
    """Leave bucket policies to the front door, which knows who asks, for as long as the context lasts."""
    with patched(FakeBucket, "get_permission", _permission):
        yield


def _permission(_bucket: FakeBucket, _action: str, _resource: str) -> PermissionResult:
    return PermissionResult.NEUTRAL
