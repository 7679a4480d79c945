"""Unlocking with the operator's own root sessions, by the very decisions of the hub's functions."""

import time

from lambdas.adapters.organizations import OrganizationsDirectory
from lambdas.adapters.root_buckets import RootBuckets
from lambdas.adapters.root_queues import RootQueues
from lambdas.adapters.service_control_policies import ServiceControlPolicies
from lambdas.domain.approval.approvals import NoApprovals
from lambdas.domain.clock import utc_now
from lambdas.domain.unlocking.function import UnlockFunction
from lambdas.domain.unlocking.resource import ResourceKind
from lambdas.domain.unlocking.unlocker import PolicyHolders, Unlocker
from rootctl.aws import AwsSession
from rootctl.requests.asking import Answerer, by_this_machine
from rootctl.requests.laptop import NoRegister, tell_nobody
from rootctl.root_access import RootAccess
from rootctl.unlock.evidence_files import DIRECTORY, EvidenceFiles


def direct_unlocking(session: AwsSession, kind: ResourceKind) -> Answerer:
    """Return what answers requests about buckets, or queues; raises CallRefused."""
    client = session.client("organizations")
    organization = ServiceControlPolicies(client).organization()
    function = UnlockFunction(
        kind=kind,
        management_account_id=organization.management_account_id,
        directory=OrganizationsDirectory(client),
        approvals=NoApprovals(),
        unlocker=Unlocker(
            holders=_holders(session, kind),
            evidence=EvidenceFiles(DIRECTORY),
            publish=tell_nobody,
            clock=utc_now,
            sleep=time.sleep,
            organization_id=organization.organization_id,
        ),
    )
    return by_this_machine(function.handle)


def _holders(session: AwsSession, kind: ResourceKind) -> PolicyHolders:
    access = RootAccess(session)
    if kind is ResourceKind.BUCKET:
        return RootBuckets(access.sts(), access.s3, NoRegister())

    def regions(partition: str) -> list[str]:
        return session.boto3.get_available_regions("sqs", partition_name=partition)

    return RootQueues(access.sts(), access.sqs, NoRegister(), regions)
