"""Allowing password recovery: what is said of a password that is there already."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from rootwarden.aws.root_sessions import IamPasswordSession
from rootwarden.recovery.outcome import PasswordRecovery
from tests.unit.given import MEMBER

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


@pytest.mark.parametrize(("retries", "said"), [(0, PasswordRecovery.EXISTED), (1, PasswordRecovery.CREATED)])
def test_what_a_repeated_request_finds_it_may_have_made_itself(retries: int, said: PasswordRecovery) -> None:
    def create_login_profile() -> None:
        answer: Any = {
            "Error": {"Code": "EntityAlreadyExists"},
            "ResponseMetadata": {"RetryAttempts": retries},
        }
        raise ClientError(answer, "CreateLoginProfile")

    iam = cast("IAMClient", SimpleNamespace(create_login_profile=create_login_profile))

    assert IamPasswordSession(iam, MEMBER).allow_recovery() is said
