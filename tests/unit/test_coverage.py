"""Alarm paths: proven by what arrives, silent by what does not, and never judged by what is under way."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from rootwarden.aws.activity_records import CoverageTable, times_in
from rootwarden.aws.state_table import StateTable
from rootwarden.aws.sweep_records import UnheardProbes
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.coverage.paths import AlarmPath, PathStatus, judge_path, unheard
from rootwarden.coverage.probes import Probe, ProbePlan, Prober, is_signal
from rootwarden.coverage.rules import FoundRule, FoundTarget, RuleGroup, digest, problems
from rootwarden.events import AccountId, Fields
from rootwarden.outcomes import iso
from rootwarden.refusals import CallRefused
from rootwarden.report.alarm_paths import Watched, paths_in_words
from rootwarden.report.checks import CheckName
from rootwarden.report.controls import ControlStatus
from rootwarden.report.entries import AccountMemory
from rootwarden.report.report import Report
from tests.unit.fakes import NOON, FakeClock
from tests.unit.given import HUB, MANAGEMENT, MEMBER
from tests.unit.report_given import DENIED, Given, account, row, unreachable
from tests.unit.sample_events import envelope, sample

DAY = timedelta(days=1)
REGION, OTHER = "us-east-1", "eu-west-1"
PROVEN, SILENT, WAITING, NOT_POSSIBLE = (
    PathStatus.PROVEN,
    PathStatus.SILENT,
    PathStatus.WAITING,
    PathStatus.NOT_POSSIBLE,
)


@pytest.mark.parametrize(
    ("name", "detail", "expected"),
    [
        ("root_session_account_summary", {}, True),
        ("root_session_caller_identity", {}, True),
        # A refused call is on record as well: what it proves is the path.
        ("root_session_account_summary", {"errorCode": "AccessDenied"}, True),
        ("assume_root_call_own_role", {}, True),
        ("assume_root_call_own_role", {"errorCode": "AccessDenied"}, False),
        ("root_session_api_call", {}, False),
        ("root_session_account_summary", {"eventSource": "sts.amazonaws.com"}, False),
    ],
)
def test_only_our_probes_are_signals(name: str, detail: dict[str, object], *, expected: bool) -> None:
    record = CloudTrailRecord.read(envelope(sample(name, **detail)))

    assert is_signal(record) is expected


def test_a_times_only_grow_and_each_region_has_its_own(table: StateTable) -> None:
    paths = CoverageTable(table)

    paths.worked(MEMBER, REGION, NOON)
    CoverageTable(table).worked(MEMBER, REGION, NOON - DAY)
    paths.worked(MEMBER, OTHER, NOON + DAY)

    assert dict(times_in(table.get(f"COVERAGE#{MEMBER}"))) == {REGION: NOON, OTHER: NOON + DAY}


def test_a_thousand_sessions_opened_in_a_minute_are_one_write(
    table: StateTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[object] = []

    def update_item(**written: object) -> dict[str, object]:
        writes.append(written)
        return {}

    monkeypatch.setattr(table.client, "update_item", update_item)
    paths = CoverageTable(table)

    for number in range(50):
        paths.worked(HUB, REGION, NOON + timedelta(seconds=number))

    assert len(writes) == 1


def test_what_was_not_heard_is_probed_again_by_the_next_sweep(table: StateTable) -> None:
    kept = UnheardProbes(table)
    assert kept.read() == {}

    kept.write({MEMBER: (OTHER,)})

    plan = ProbePlan(regions=(OTHER, "eu-north-1"), within=timedelta(0), again=kept.read())
    assert plan.regions_of(MEMBER, NOON) == (OTHER,)
    assert plan.regions_of(HUB, NOON) == ()


def test_where_a_cell_is_cut_the_worst_path_is_in_it() -> None:
    proven = [AlarmPath(region=f"eu-west-{number}", status=PathStatus.PROVEN) for number in range(17)]
    silent = AlarmPath(region="us-west-2", status=PathStatus.SILENT)
    assert paths_in_words([*proven, silent]).startswith("us-west-2 silent")


def test_more_silent_accounts_than_an_item_holds_are_left_to_their_turn(table: StateTable) -> None:
    regions = tuple(f"ap-southeast-{number}" for number in range(30))
    kept = UnheardProbes(table)

    kept.write({AccountId(f"{number:012d}"): regions for number in range(1000)})

    assert 500 < len(kept.read()) < 1000
    assert len(json.dumps(kept.read())) < 400_000


@pytest.mark.parametrize("hours_between", [1, 24, 96])
def test_every_account_has_its_turn_once_a_week(hours_between: int) -> None:
    plan = ProbePlan(regions=(OTHER,), within=timedelta(hours=hours_between), again={})
    weeks = 4 if hours_between == 96 else 1
    sweeps = [NOON + timedelta(hours=hours) for hours in range(0, weeks * 168, hours_between)]

    turns = [sum(bool(plan.regions_of(account(n), at)) for at in sweeps) for n in range(200)]

    assert set(turns) == {weeks}


def test_the_whole_week_is_every_account() -> None:
    plan = ProbePlan(regions=(OTHER,), within=timedelta(hours=168), again={})

    assert all(plan.regions_of(account(n), NOON) for n in range(50))


@dataclass
class Session:
    """Identifies itself in a Region, or fails as given."""

    failures: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def identify(self, region: str) -> None:
        self.asked.append(region)
        if region in self.failures:
            raise self.failures[region]


def _prober(left: Callable[[], float] = lambda: 60.0) -> Prober[Session]:
    plan = ProbePlan(regions=(OTHER, "eu-north-1"), within=timedelta(hours=168), again={})
    return Prober(plan=plan, time_left=left, clock=FakeClock(), unforeseen=lambda _: None)


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (None, None),
        (CallRefused("InvalidClientTokenId", "invalid"), "InvalidClientTokenId"),
        (CallRefused("ConnectTimeoutError", "slow", is_transient=True), "ConnectTimeoutError"),
        (KeyError("nothing foreseen"), "NoAnswer"),
    ],
)
def test_a_failed_probe_is_said_and_fails_nothing_else(failure: Exception | None, code: str | None) -> None:
    session = Session({OTHER: failure} if failure else {})

    found = _prober()(MEMBER, session)

    assert [(probe.region, probe.code) for probe in found] == [(OTHER, code), ("eu-north-1", None)]


def test_a_region_that_gives_no_answer_is_waited_for_once() -> None:
    session = Session({OTHER: CallRefused("ConnectTimeoutError", "slow", is_transient=True)})
    prober = _prober()

    [again, _] = (prober(MEMBER, session), prober(MEMBER, session))[1]

    assert session.asked.count(OTHER) == 1
    assert again.code == "NoAnswer"


def test_without_time_nothing_is_asked() -> None:
    session = Session()

    found = _prober(lambda: 14.0)(MEMBER, session)

    assert {probe.code for probe in found} == {"OutOfTime"}
    assert session.asked == []


@dataclass
class Path:
    """One path, probed sweep after sweep, a day each."""

    path: AlarmPath = field(default_factory=lambda: AlarmPath(region=REGION, status=WAITING))
    at: datetime = NOON
    heard: datetime | None = None

    def sweep(self, *, arrives: bool = True, code: str | None = None, probed: bool = True) -> PathStatus:
        probe = Probe(region=REGION, at=self.at, code=code, message="why") if probed else None
        self.path = judge_path(self.path, probe, heard=self.heard, at=self.at + timedelta(minutes=5))
        assert AlarmPath.from_detail(_fields(self.path)) == self.path
        if arrives and probed and not code:
            self.heard = self.at
        self.at += DAY
        return self.path.status


def _fields(path: AlarmPath) -> Fields:
    return Fields(path.to_detail())


def test_a_path_waits_then_is_proven() -> None:
    path = Path()

    assert [path.sweep() for _ in range(3)] == [WAITING, PROVEN, PROVEN]
    assert path.path.proven_at == NOON + DAY


def test_silence_is_judged_by_the_previous_probe_and_counted() -> None:
    path = Path()
    path.sweep()
    statuses = [path.sweep(arrives=False) for _ in range(3)]

    assert statuses == [PROVEN, SILENT, SILENT]
    assert (path.path.silent_since, path.path.silent_probes) == (NOON + DAY, 2)
    assert path.path.is_lost
    assert unheard([path.path]) == (REGION,)


def test_what_never_worked_is_silent_and_not_lost() -> None:
    path = Path()
    for _ in range(4):
        path.sweep(arrives=False)

    assert (path.path.status, path.path.silent_probes, path.path.is_lost) == (SILENT, 3, False)


def test_silence_ends_when_something_arrives_also_late() -> None:
    path = Path()
    path.sweep(arrives=False)
    assert path.sweep(arrives=False) is SILENT
    # The record of the second probe, nearly a day late.
    path.heard = NOON + DAY

    assert path.sweep() is PROVEN
    assert path.path.silent_probes == 0


def test_sweeps_by_hand_do_not_put_off_the_judgement() -> None:
    path = Path()
    for _ in range(3):
        path.sweep(arrives=False)
        path.at += timedelta(minutes=25) - DAY

    assert path.sweep(arrives=False) is SILENT
    assert path.path.silent_since == NOON


def test_a_region_that_is_not_probed_every_time_keeps_what_is_known() -> None:
    path = Path()
    path.sweep()
    assert [path.sweep(probed=False) for _ in range(6)] == [PROVEN] * 6
    path.sweep(arrives=False)

    assert [path.sweep(probed=False) for _ in range(3)] == [SILENT] * 3
    assert path.path.silent_probes == 1


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("InvalidClientTokenId", WAITING, NOT_POSSIBLE),
        ("AccessDenied", WAITING, NOT_POSSIBLE),
        ("OutOfTime", WAITING, WAITING),
        ("BatchFailed", PROVEN, PROVEN),
        ("AccessDenied", PROVEN, NOT_POSSIBLE),
        # One who silences a path may also lock us out: that hides nothing.
        ("AccessDenied", SILENT, SILENT),
    ],
)
def test_a_probe_that_failed_says_why(code: str, before: PathStatus, after: PathStatus) -> None:
    path = Path()
    if before is not WAITING:
        path.sweep(arrives=before is PROVEN)
        path.sweep(arrives=before is PROVEN)

    assert path.sweep(code=code) is after
    assert code in (path.path.why or "")


def test_what_was_proven_a_month_ago_is_proven_no_longer() -> None:
    path = Path()
    path.sweep()

    assert [path.sweep(probed=False) for _ in range(30)] == [PROVEN] * 27 + [WAITING] * 3
    assert path.path.proven_at == NOON
    path.sweep()
    assert path.sweep() is PROVEN


def test_why_it_is_not_possible_stays_until_the_next_probe() -> None:
    path = Path()
    path.sweep(code="InvalidClientTokenId")

    assert path.sweep(probed=False) is NOT_POSSIBLE
    path.sweep()
    assert path.sweep() is PROVEN


def _status(report: Report) -> ControlStatus:
    return next(check.status for check in report.checks if check.name is CheckName.FORWARDING)


def _paths(report: Report, number: int = 1) -> dict[str, str]:
    [entry] = [entry for entry in report.entries if entry.row.account_id == account(number)]
    return {path.region: path.status.value for path in entry.paths}


def _heard(**times: datetime) -> AccountMemory:
    return AccountMemory(heard={account(1): {name.replace("_", "-"): at for name, at in times.items()}})


def _probed(at: datetime, code: str | None = None) -> list[dict[str, object]]:
    return [{"region": OTHER, "at": iso(at), "code": code, "message": "no"}]


def test_a_member_that_falls_silent_fails_the_check_and_is_named() -> None:
    given = Given(arrives=False)
    assert _status(given.sweep(row())) is ControlStatus.UNKNOWN
    given.memory = _heard(us_east_1=NOON)
    assert _status(given.sweep(row(auditedAt=iso(NOON + DAY)))) is ControlStatus.PASS
    report = given.sweep(row(auditedAt=iso(NOON + 2 * DAY)))

    assert _status(report) is ControlStatus.FAIL
    assert _paths(report) == {REGION: "silent"}
    [check] = [check for check in report.checks if check.name is CheckName.FORWARDING]
    assert f"{account(1)} in {REGION} since 2026-06-02" in check.text
    assert report.path_totals.silent == 1


def test_every_forwarded_region_is_told_of() -> None:
    given = Given(arrives=False, watched=Watched(forwarding=(REGION, OTHER), probed=(OTHER,)))
    given.sweep(row(probes=_probed(NOON)))
    given.memory = _heard(us_east_1=NOON, eu_west_1=NOON)

    assert _paths(given.sweep(row(auditedAt=iso(NOON + DAY)))) == {REGION: "proven", OTHER: "proven"}


@pytest.mark.parametrize(
    ("line", "region", "why"),
    [
        (
            row(1, "not_active", None, state="SUSPENDED", message="the account is SUSPENDED"),
            REGION,
            "SUSPENDED",
        ),
        (row(1, "management", None, id=account(1)), REGION, "its rules are looked at"),
        (unreachable(), REGION, "explicit deny"),
        (row(probes=_probed(NOON, "InvalidClientTokenId")), OTHER, "not enabled in the account"),
    ],
)
def test_what_cannot_be_proven_says_why(line: dict[str, object], region: str, why: str) -> None:
    given = Given(arrives=False, watched=Watched(forwarding=(REGION, OTHER), probed=(OTHER,)))

    [entry] = given.sweep(line).entries
    [path] = [path for path in entry.paths if path.region == region]

    assert path.status is NOT_POSSIBLE
    assert why in (path.why or "")


WATCHED = Watched(forwarding=(REGION, OTHER), probed=(OTHER,))
REFUSED = {"code": "AccessDenied", "message": "explicit deny in a service control policy"}
NO_BATCH = {"code": "BatchFailed", "message": "the account's batch timed out"}


@pytest.mark.parametrize("was_heard", [True, False])
@pytest.mark.parametrize(("why", "status"), [(REFUSED, NOT_POSSIBLE), (NO_BATCH, WAITING)])
def test_an_account_out_of_reach_for_months_is_proven_in_no_region(
    why: dict[str, object], status: PathStatus, *, was_heard: bool
) -> None:
    given = Given(arrives=False, watched=WATCHED)
    given.sweep(row(probes=_probed(NOON)))
    given.memory = _heard(us_east_1=NOON, eu_west_1=NOON) if was_heard else AccountMemory()

    for _ in range(120):
        report = given.sweep(unreachable() | why)

    # Without a record the one probe of each Region stays unanswered.
    assert _paths(report) == dict.fromkeys((REGION, OTHER), status if was_heard else "silent")
    assert _status(report) is not ControlStatus.PASS


def test_a_region_that_was_never_probed_is_not_possible_where_no_session_is() -> None:
    given = Given(arrives=False, watched=WATCHED)

    for _ in range(120):
        report = given.sweep(unreachable() | REFUSED)

    assert _paths(report) == {REGION: "not_possible", OTHER: "not_possible"}
    [entry] = report.entries
    assert {path.why for path in entry.paths} == {": ".join(map(str, REFUSED.values()))}


@pytest.mark.parametrize(
    ("line", "watched"),
    [
        (unreachable(), WATCHED),
        (row(1, "not_active", None, state="SUSPENDED", message="the account is SUSPENDED"), WATCHED),
        (row(1), Watched(forwarding=(REGION, OTHER))),
    ],
)
def test_once_the_account_is_reached_again_its_regions_stand_as_before(
    line: dict[str, object], watched: Watched
) -> None:
    given = Given(arrives=False, watched=WATCHED)
    given.sweep(row(probes=_probed(NOON)))
    given.memory = _heard(us_east_1=NOON + DAY, eu_west_1=NOON)
    given.sweep(row(auditedAt=iso(NOON + DAY)))
    given.watched = watched
    assert _paths(given.sweep(line))[OTHER] == "not_possible"
    given.watched = WATCHED

    assert _paths(given.sweep(row(auditedAt=iso(NOON + 3 * DAY)))) == {REGION: "proven", OTHER: "proven"}


@pytest.mark.parametrize(
    ("line", "watched"),
    [
        (row(1, "not_active", None, state="SUSPENDED", message="the account is SUSPENDED"), WATCHED),
        (row(1), Watched(forwarding=(REGION, OTHER))),
    ],
)
def test_a_lost_path_is_lost_again_once_it_is_possible_again(
    line: dict[str, object], watched: Watched
) -> None:
    given = Given(arrives=False, watched=WATCHED)
    given.sweep(row(probes=_probed(NOON)))
    given.memory = _heard(us_east_1=NOON, eu_west_1=NOON)
    for day in range(1, 4):
        at = NOON + day * DAY
        before = given.sweep(row(probes=_probed(at), auditedAt=iso(at)))
    assert before.path_totals.lost == 2
    given.watched = watched
    between = given.sweep(line | {"auditedAt": iso(given.at)})
    assert between.path_totals.not_possible
    assert "not possible since" not in paths_in_words(between.entries[0].paths)
    given.watched = WATCHED

    after = given.sweep(row(auditedAt=iso(given.at)))

    assert after.path_totals.lost == 2
    assert _paths(after)[OTHER] == "silent"
    given.memory = _heard(us_east_1=given.at, eu_west_1=given.at)
    assert _paths(given.sweep(row(auditedAt=iso(given.at)))) == {REGION: "proven", OTHER: "proven"}


def test_a_region_that_is_not_enabled_stays_so_between_its_turns() -> None:
    given = Given(arrives=False, watched=WATCHED)
    given.sweep(row(probes=_probed(NOON, "InvalidClientTokenId")))
    given.memory = _heard(us_east_1=NOON)

    assert _paths(given.sweep(row()))[OTHER] == "not_possible"


def test_regions_that_are_never_probed_say_so() -> None:
    given = Given(arrives=False, watched=Watched(forwarding=(REGION, OTHER)))

    [entry] = given.sweep(row()).entries

    assert "coverage.other_regions" in (entry.paths[1].why or "")


def test_opening_sessions_proves_the_hub_also_in_the_management_account() -> None:
    watched = Watched(hub=MANAGEMENT, hub_region=OTHER, forwarding=(REGION, OTHER))
    given = Given(arrives=False, hub=MANAGEMENT, watched=watched)
    lines = [row(1, "management", None, id=MANAGEMENT), row(2)]
    given.sweep(*lines)
    given.memory = AccountMemory(heard={MANAGEMENT: {OTHER: NOON}})
    proven = given.sweep(*lines).entries[0]
    silent = given.sweep(*lines).entries[0]

    assert [path.status for path in proven.paths] == [NOT_POSSIBLE, PROVEN]
    assert [path.status for path in silent.paths] == [NOT_POSSIBLE, SILENT]


def test_where_the_table_cannot_be_read_nothing_is_judged() -> None:
    given = Given(arrives=False)
    given.sweep(row())
    given.memory = _heard(us_east_1=NOON)
    given.sweep(row())
    given.refused = DENIED

    report = given.sweep(row())

    assert _paths(report) == {REGION: "proven"}
    assert _status(report) is ControlStatus.UNKNOWN


PATTERN = '{"source": ["aws.signin"], "detail": {"userIdentity": {"type": ["Root"]}}}'
QUEUE = "arn:aws:sqs:us-east-1:222233334444:assess"
TARGET = FoundTarget(arn=QUEUE, has_dead_letters=True, is_whole=True)


@pytest.mark.parametrize(
    ("state", "targets", "problem"),
    [
        ("ENABLED", [TARGET], None),
        ("DISABLED", [TARGET], "is DISABLED, not ENABLED"),
        ("ENABLED", [], "has lost its target"),
        (
            "ENABLED",
            [FoundTarget(arn="arn:other", has_dead_letters=True, is_whole=True)],
            "has lost its target",
        ),
        ("ENABLED", [FoundTarget(arn=QUEUE, has_dead_letters=False, is_whole=True)], "dead-letter queue"),
        ("ENABLED", [FoundTarget(arn=QUEUE, has_dead_letters=True, is_whole=False)], "the whole event"),
    ],
)
def test_a_rule_that_is_not_as_deployed_is_named(
    state: str, targets: list[FoundTarget], problem: str | None
) -> None:
    rules = {"RootSignIn": digest(PATTERN)}
    group = RuleGroup.from_detail(Fields({"bus": "b", "regions": [REGION], "target": QUEUE, "rules": rules}))

    found = problems(
        group, REGION, [FoundRule(name="rule-1", digest=digest(PATTERN), state=state, targets=tuple(targets))]
    )

    assert len(found) == (problem is not None)
    assert all("RootSignIn" in str(each) and (problem or "") in str(each) for each in found)
    assert [each.is_disabled for each in found] == [state == "DISABLED"] * len(found)
    [gone] = problems(group, REGION, [])
    assert str(gone) == f"{REGION}: RootSignIn is gone, or its pattern was changed"
