"""Whether every member has a current instance of its StackSet in every Region that is configured."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rootctl.checks.configured import ConfiguredForwarding
from rootctl.checks.context import DoctorContext, Result, hidden, ok, unknown, wrong
from rootctl.checks.members import MOST_ACCOUNTS, TRUST
from rootctl.output import counted, some
from rootwarden.activity.put_back import revert_organization
from rootwarden.aws.organizations import AccountRegions
from rootwarden.aws.service_control_policies import Member
from rootwarden.contract.regions import must_be_opted_in
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from rootwarden.report.deployment_checks import Instance

_OF_ORGANIZATION = "aws cloudformation {} --region us-east-1 --stack-set-name {}"


def coverage(context: DoctorContext) -> Iterable[Result]:
    """Name the accounts without a current instance of their StackSet, Region by Region."""
    if not context.is_management:
        yield hidden("the StackSet that makes members forward")
        return
    if not context.forwarding.is_there():
        text = f"there is no StackSet {context.forwarding.names[0]}: no member account forwards"
        yield wrong(text, remedy="make deploy")
        yield unknown(
            "whether somebody deleted it by hand: then make deploy changes nothing, and this puts it back",
            remedy=revert_organization(context.session.name_prefix),
        )
        return
    configured, management = context.configured, context.organization.management_account_id
    members = [each for each in context.policies.members() if each.account_id != management]
    watched = [each for each in members if configured.stack_set_of(each.path)]
    unwatched = [each for each in members if not configured.stack_set_of(each.path)]
    instances = list(context.forwarding.instances())
    found = [
        *_twice(instances),
        *_Coverage(configured, watched, _OptIns(context.account_regions)).results(instances),
    ]
    yield from found
    if all(each.remedy is None for each in found):
        yield ok(_all_well(configured, watched, has_all=not found))
    if unwatched:
        count = counted(len(unwatched), "account")
        text = f"in no unit of member_organizational_units, and so not watched: {count}, {_named(unwatched)}"
        yield ok(text)


def _all_well(configured: ConfiguredForwarding, watched: Sequence[Member], *, has_all: bool) -> str:
    where = f"{', '.join(configured.regions)}{'' if has_all else ', where they have the Region'}"
    return f"all {len(watched)} active member accounts forward from {where}"


def _twice(instances: Iterable[Instance]) -> Iterator[Result]:
    every = Counter((each.account, each.region) for each in instances)
    twice = {account for (account, _), count in every.items() if count > 1}
    if twice:
        yield wrong(
            f"in two StackSets, so that everything is forwarded twice: {', '.join(sorted(twice))}",
            remedy="Take units that contain others out of member_organizational_units, then make deploy.",
        )


@dataclass
class _OptIns:
    """Which Regions accounts opted in to; who has none of its own is asked about, as far as AWS answers."""

    regions: AccountRegions
    refused: CallRefused | None = None
    _known: dict[AccountId, frozenset[str]] = field(default_factory=dict)

    def has(self, account: AccountId, region: str) -> bool | None:
        """Say whether an account has a Region; None where that is not known."""
        if not must_be_opted_in([region]):
            return True
        if account not in self._known and self.refused is None and len(self._known) < MOST_ACCOUNTS:
            try:
                self._known[account] = self.regions.opted_in(account)
            except CallRefused as refused:
                self.refused = refused
        return region in self._known[account] if account in self._known else None


@dataclass(frozen=True)
class _Gap:
    """Why accounts do not forward from a Region. verb: of the call that remedies it; None: none would.

    has_region: whether the accounts have the Region; None where that is not known.
    """

    why: str
    stack_set: str
    verb: str | None
    has_region: bool | None


@dataclass(frozen=True)
class _Coverage:
    """Judges the members that are to be watched."""

    configured: ConfiguredForwarding
    members: Sequence[Member]
    opt_ins: _OptIns

    def results(self, instances: Iterable[Instance]) -> Iterator[Result]:
        """Say once what is the same in several Regions."""
        here = {(each.account, each.region): each for each in instances}
        alike: dict[tuple[_Gap, tuple[Member, ...]], list[str]] = defaultdict(list)
        for region in self.configured.regions:
            gaps: dict[_Gap, list[Member]] = defaultdict(list)
            for member in self.members:
                if gap := self._gap(member, region, here.get((member.account_id, region))):
                    gaps[gap].append(member)
            for gap, lacking in gaps.items():
                alike[gap, tuple(lacking)].append(region)
        for (gap, accounts), regions in alike.items():
            yield self._said(gap, accounts, regions)

    def _gap(self, member: Member, region: str, found: Instance | None) -> _Gap | None:
        stack_set = self.configured.stack_set_of(member.path) or ""
        if found is not None and found.status == "CURRENT":
            return None
        has_region = self.opt_ins.has(member.account_id, region)
        if not has_region:
            # What its instance says of it is no news: it cannot be there.
            return _Gap("no current instance", stack_set, None, has_region)
        if found is None:
            return _Gap("no instance", stack_set, "create", has_region)
        why = f"{found.status} ({found.why})" if found.why else found.status
        verb = "update" if found.has_failed else None
        return _Gap(why, found.stack_set or stack_set, verb, has_region)

    def _said(self, gap: _Gap, accounts: Sequence[Member], regions: Sequence[str]) -> Result:
        where, count, named = ", ".join(regions), counted(len(accounts), "account"), _named(accounts)
        if gap.has_region is False:
            return ok(f"{where}: {count} have not opted in, and root can call nothing there: {named}")
        if gap.has_region is None:
            return self._not_known(f"{where}: whether {count} without a current instance opted in", accounts)
        if gap.verb is None:
            return unknown(
                f"{where}: {gap.why} in {count}, which CloudFormation has not come to yet: {named}",
                remedy=_OF_ORGANIZATION.format("list-stack-set-operations", gap.stack_set),
            )
        return wrong(
            f"{where}: {gap.why} in {count}, which do not forward: {named}",
            remedy=self._command(gap, accounts, regions),
        )

    def _not_known(self, text: str, accounts: Sequence[Member]) -> Result:
        if self.opt_ins.refused:
            return unknown(f"{text}: {self.opt_ins.refused}", remedy=TRUST)
        command = "aws account list-regions --region-opt-status-contains ENABLED --account-id"
        return unknown(
            f"{text}: {MOST_ACCOUNTS} were asked; ask of each of the others: {_named(accounts)}",
            remedy=f"{command} {accounts[0].account_id}",
        )

    def _command(self, gap: _Gap, accounts: Sequence[Member], regions: Sequence[str]) -> str:
        """Return the call for these accounts; it names none where they are all there are in their units."""
        units = {unit for each in accounts for unit in self.configured.units_above(each.path, gap.stack_set)}
        if not units:
            return "make deploy"
        targets: dict[str, object] = {"OrganizationalUnitIds": sorted(units)}
        others = set(self.members) - set(accounts)
        if any(units.intersection(each.path) for each in others):
            targets["Accounts"] = [each.account_id for each in accounts]
            targets["AccountFilterType"] = "INTERSECTION"
        call = _OF_ORGANIZATION.format(f"{gap.verb}-stack-instances", gap.stack_set)
        return f"{call} --regions {' '.join(regions)} --deployment-targets '{json.dumps(targets)}'"


def _named(accounts: Iterable[Member]) -> str:
    return some(f"{each.name} ({each.account_id})" for each in accounts)
