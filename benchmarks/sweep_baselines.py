"""What a sweep is compared with, on the same endpoint: other ways to audit an account."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from benchmarks.sweep_worker import Batch
from rootwarden.aws.clients import RootSessionKeys
from rootwarden.aws.root_session_pool import shared_iam_client, signed_with
from rootwarden.contract.functions import AUDIT

if TYPE_CHECKING:
    from mypy_boto3_sts.type_defs import PolicyDescriptorTypeTypeDef

_POLICY: "PolicyDescriptorTypeTypeDef" = {"arn": f"arn:aws:iam::aws:policy/root-task/{AUDIT}"}
_THREADS = 16


def session_per_account() -> Callable[[Batch], None]:
    """Return a plain loop: AssumeRoot, a boto3 session with its keys, GetAccountSummary."""
    sts = boto3.client("sts")

    def work(batch: Batch) -> None:
        for account in batch:
            keys = sts.assume_root(TargetPrincipal=str(account["id"]), TaskPolicyArn=_POLICY)["Credentials"]
            session = boto3.Session(
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys["SessionToken"],
            )
            session.client("iam").get_account_summary()

    return work


def five_calls() -> Callable[[Batch], None]:
    """Return the audit that asks for each kind: five calls an account, with shared clients and threads.

    Only the calls are unicrons/aws-root-manager's; clients and threads are as cheap as the sweep's own.
    """
    sts = boto3.client("sts", config=Config(max_pool_connections=_THREADS))
    iam = shared_iam_client(_THREADS)

    def audit(account: dict[str, object]) -> None:
        keys = sts.assume_root(TargetPrincipal=str(account["id"]), TaskPolicyArn=_POLICY)["Credentials"]
        with signed_with(RootSessionKeys(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])):
            try:
                iam.get_login_profile()
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchEntity":
                    raise
            iam.list_access_keys()
            iam.list_mfa_devices()
            iam.list_signing_certificates()

    def work(batch: Batch) -> None:
        with ThreadPoolExecutor(_THREADS) as threads:
            list(threads.map(audit, batch))

    return work
