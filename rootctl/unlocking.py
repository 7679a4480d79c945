"""Unlocking without the hub: the operator's own root sessions, and the files that policies are saved in."""

import json
import re
import secrets
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rootctl.accounts import OrganizationAccounts
from rootctl.aws import AwsSession
from rootctl.direct import KeepsNothing, RootAccess, by_this_machine, publish_nothing
from rootctl.errors import WrongUsage
from rootctl.requests import Answerer
from rootwarden.aws.organizations import OrganizationsDirectory, organization_of
from rootwarden.aws.policy_evidence import read_evidence
from rootwarden.aws.root_buckets import RootBuckets
from rootwarden.aws.root_queues import RootQueues
from rootwarden.events import AccountId, MalformedEvent
from rootwarden.outcomes import utc_now
from rootwarden.refusals import CallRefused
from rootwarden.requests import NoApprovals
from rootwarden.unlocking.outcome import Evidence, EvidenceReference, PolicyHolders
from rootwarden.unlocking.requests import ResourceKind
from rootwarden.unlocking.unlocker import Unlocker, UnlockFunction

_DIRECTORY = Path("unlocks")
_KEY = re.compile(r"unlocks/(?P<account>[0-9]{12})/(?P<kind>bucket|queue)/(?P<name>[^/]+)/[^/]+\.json")


def direct_unlocking(session: AwsSession, kind: ResourceKind, account_id: AccountId) -> Answerer:
    """Return what answers requests about an account's buckets, or queues.

    Raises CallRefused, and WrongUsage where the account takes no root sessions.
    """
    client = session.client("organizations")
    organization = organization_of(client)
    OrganizationAccounts(client, organization.management_account_id).named([account_id])
    function = UnlockFunction(
        kind=kind,
        management_account_id=organization.management_account_id,
        directory=OrganizationsDirectory(client),
        approvals=NoApprovals(),
        unlocker=Unlocker(
            holders=_holders(session, kind),
            evidence=EvidenceFiles(_DIRECTORY),
            begun=None,
            publish=publish_nothing,
            clock=utc_now,
            sleep=time.sleep,
            organization_id=organization.organization_id,
        ),
    )
    return by_this_machine(function.handle)


def _holders(session: AwsSession, kind: ResourceKind) -> PolicyHolders:
    access = RootAccess(session)
    if kind is ResourceKind.BUCKET:
        return RootBuckets(access.sts(), partial(access.signed, "s3"), KeepsNothing())

    def regions(partition: str) -> list[str]:
        return session.boto3.get_available_regions("sqs", partition_name=partition)

    return RootQueues(access.sts(), partial(access.signed, "sqs"), KeepsNothing(), regions)


@dataclass(frozen=True)
class EvidenceFiles:
    """See rootwarden.unlocking.outcome.EvidenceStore."""

    directory: Path

    def save(self, evidence: Evidence) -> EvidenceReference:
        """Keep a policy in a file of its own; raises CallRefused."""
        path = self.directory / evidence.name(secrets.token_hex(4))
        document = json.dumps(evidence.to_detail(), ensure_ascii=False, indent=2)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(document)
        except OSError as error:
            raise CallRefused("EvidenceNotSaved", f"{error}; the policy was not changed") from error
        return EvidenceReference(None, str(path))

    def load(self, key: str) -> Evidence:
        """Return what was kept; raises CallRefused and MalformedEvent."""
        try:
            return read_evidence(Path(key).read_text(encoding="utf-8", errors="replace"))
        except OSError as error:
            raise CallRefused("EvidenceNotRead", str(error)) from error


@dataclass(frozen=True)
class SavedPolicy:
    """Whose policy it was. region: None where only the evidence itself says."""

    account_id: AccountId
    kind: ResourceKind
    name: str
    region: str | None


def is_file_here(evidence: str) -> bool:
    """Say whether there is such a file; where that cannot be seen, there is: reading it says why."""
    try:
        Path(evidence).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def saved_in_hub(key: str, *, otherwise: str) -> SavedPolicy:
    """Read a key of the hub's bucket; raises WrongUsage, which says besides what else it is not."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise WrongUsage(
            f"{key} is no key of a saved policy (unlocks/ACCOUNT/bucket|queue/NAME/….json). {otherwise}"
        )
    return SavedPolicy(AccountId(found["account"]), ResourceKind(found["kind"]), found["name"], None)


def saved_in_file(path: str) -> SavedPolicy:
    """Read a file; raises WrongUsage."""
    try:
        evidence = EvidenceFiles(Path()).load(path)
    except (CallRefused, MalformedEvent) as error:
        raise WrongUsage(
            f"{path} cannot be read: {error}. With --via-hub it is a key of the hub's bucket."
        ) from error
    resource = evidence.resource
    return SavedPolicy(evidence.account_id, resource.kind, resource.name, resource.region)
