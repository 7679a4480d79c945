"""Finding out whose policy a saved one was."""

import re
from dataclasses import dataclass
from pathlib import Path

from lambdas.domain.accounts import AccountId
from lambdas.domain.event_fields import MalformedEvent
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.unlocking.resource import ResourceKind
from rootctl.errors import WrongUsage
from rootctl.unlock.evidence_files import EvidenceFiles

_KEY = re.compile(r"unlocks/(?P<account>[0-9]{12})/(?P<kind>bucket|queue)/(?P<name>[^/]+)/[^/]+\.json")


@dataclass(frozen=True)
class SavedPolicy:
    """Whose policy it was. region: None where only the evidence itself tells."""

    account_id: AccountId
    kind: ResourceKind
    name: str
    region: str | None


def saved_in_hub(key: str) -> SavedPolicy:
    """Read a key of the hub's bucket; raises WrongUsage."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise WrongUsage(
            f"{key} is no key of a saved policy (unlocks/ACCOUNT/bucket|queue/NAME/….json)."
            " Leave out --via-hub for a file."
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
