"""What one deployment proves about permissions, in figures and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from local.aws import LocalAws
from local.synthesis import synthesize
from proofs.permissions.forbidden import ask_all
from proofs.permissions.grants import Grant
from proofs.permissions.judgement import missing, refused, used_by
from proofs.permissions.kept import KEPT
from proofs.permissions.page import Cells, rows_of
from proofs.permissions.record import Record, put_on_record
from proofs.permissions.strangers import ask_strangers
from proofs.permissions.topologies import Topology

_START = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Figures, and one line for each thing that is wrong. rows: the page's, by role."""

    roles: int
    calls: int
    missing: tuple[str, ...]
    unused: tuple[str, ...]
    kept: tuple[str, ...]
    denied: int
    wrong: tuple[str, ...]
    arrows: int
    rows: Mapping[str, Mapping[Cells, Sequence[str]]]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.missing or self.unused or self.wrong)


def prove(topology: Topology) -> Verdict:
    """Synthesize and deploy a topology, let everything happen in it, and judge."""
    organization = topology.organization
    with TemporaryDirectory() as directory:
        assembly = synthesize(organization, Path(directory))
        with LocalAws(organization, assembly=assembly, start=_START) as aws:
            aws.deploy()
            record = put_on_record(aws)
    return judged(record, enforces=topology.enforces)


def judged(record: Record, *, enforces: bool) -> Verdict:
    """Judge what is on record."""
    deployed, used = record.deployed, used_by(record.deployed.roles, record.uses)
    idle = {_of_family(grant): grant for grant, uses in used.items() if not uses}
    busy = {_of_family(grant) for grant, uses in used.items() if uses}
    unused = {family: grant for family, grant in idle.items() if family not in busy}
    kept = {family: grant for family, grant in unused.items() if (grant.role.name, grant.action) in KEPT}
    denials, stopped = ask_all(deployed, enforces=enforces), ask_strangers(deployed, record.arrows)
    return Verdict(
        roles=len({(role.stack, role.name) for role in deployed.roles.values()}),
        calls=len(record.calls),
        missing=tuple(missing(deployed.roles, record.uses)),
        unused=tuple(_said(grant) for family, grant in unused.items() if family not in kept),
        kept=tuple(_said(grant) for grant in kept.values()),
        denied=denials.denied + stopped.denied,
        wrong=(*denials.wrong, *stopped.wrong, *dict.fromkeys(refused(deployed, record.arrows))),
        arrows=len({arrow.words for arrow in record.arrows}),
        rows=rows_of(deployed, used),
    )


def _said(grant: Grant) -> str:
    conditions = "".join(f", {key} {', '.join(values)}" for _, key, values in grant.conditions)
    return f"{grant.role.name} of {grant.role.stack} may {grant.action} on {grant.resource}{conditions}"


def _of_family(grant: Grant) -> tuple[object, ...]:
    """Return what makes a grant the same in each account and Region that has the template."""
    return grant.role.stack, grant.role.name, grant.action, grant.resource, grant.conditions
