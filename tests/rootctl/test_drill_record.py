"""What is shown and kept of a drill: on the terminal, as JSON and as a page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from rootctl.checks.context import unknown, wrong
from rootctl.checks.registry import CHECKS
from rootctl.commands.drill import ending
from rootctl.drill import record as answers_module
from rootctl.drill.hop import CHANNELS, ENTERING, RECORDS, ROUTING, CheckFinding, Hop, exit_of, hop_line
from rootctl.drill.record import Answers, Record, page, write
from rootctl.errors import Exit
from rootctl.output import print_whole
from rootwarden.accounts import Account, AccountState
from rootwarden.events import AccountId

BEGAN = datetime(2026, 1, 31, 12, tzinfo=UTC)
SEEN = Hop.seen(
    "window opened", "a root password can be recovered", at=BEGAN, since=BEGAN - timedelta(seconds=2)
)
MISSED = Hop.missed("alert raised", "the call raised no alert", "rootctl doctor", *RECORDS)
UNKNOWN = Hop.unknown("preflight", "policies cannot be read", "rootctl preflight", *ENTERING)
STOPPED = CheckFinding(
    "trail", wrong("the trail does not record", remedy="aws cloudtrail start-logging --name x")
)
RECORD = Record(
    account=Account(account_id=AccountId("777788889999"), name="<b>x\x1b[31m", state=AccountState.ACTIVE),
    caller="arn:aws:sts::222233334444:assumed-role/operators/jane",
    hub="222233334444 us-east-1",
    began=BEGAN,
    ended=BEGAN + timedelta(minutes=20),
    hops=[SEEN, MISSED],
    reasons=[
        STOPPED,
        CheckFinding("queues", unknown("no permission", remedy="Allow sqs:GetQueueAttributes")),
    ],
)


def shown(*parts: Any) -> str:
    console = Console(width=80, markup=False, highlight=False)
    with console.capture() as capture:
        for part in parts:
            print_whole(console, part)
    return capture.get()


@pytest.mark.parametrize(
    ("hops", "code"),
    [([SEEN], Exit.DONE), ([SEEN, UNKNOWN], Exit.FAILED), ([UNKNOWN, MISSED], Exit.FINDINGS)],
)
def test_what_could_not_be_looked_at_is_never_done(hops: list[Hop], code: Exit) -> None:
    assert exit_of(hops) == code


def test_the_terminal_shows_steps_and_reasons_at_80_columns() -> None:
    text = shown(hop_line(SEEN), hop_line(MISSED), ending(RECORD))

    assert text.splitlines() == [
        "✓ window opened        2.0 s a root password can be recovered",
        "✗ alert raised               the call raised no alert",
        "   → rootctl doctor",
        "",
        "Why, as far as the checks of doctor see:",
        "✗ trail                      the trail does not record",
        "   → aws cloudtrail start-logging --name x",
        "? queues                     could not check: no permission",
        "   → Allow sqs:GetQueueAttributes",
        "",
        "Something was not seen: 1 of 2 steps, 1200 s in all.",
    ]


def test_no_reason_found_is_said() -> None:
    assert "find nothing wrong" in shown(ending(replace(RECORD, reasons=[])))


def test_the_page_holds_reasons_and_no_markup_of_others() -> None:
    html = page(RECORD.to_detail())

    assert "trail: the trail does not record" in html
    assert "<code>aws cloudtrail start-logging --name x</code>" in html
    assert "&lt;b&gt;x" in html
    assert "<b>" not in html


def test_the_files_are_written(tmp_path: Path) -> None:
    paths = write(RECORD, tmp_path / "new", answers=Answers(), anonymous=False)

    assert [path.name for path in paths] == ["drill.json", "drill.html", "answers.json"]
    assert all(path.read_text("utf-8") for path in paths)


@pytest.mark.parametrize("secret", ["SecretAccessKey", "SessionToken", "SecretString", "SecretBinary"])
def test_no_secret_is_kept(secret: str) -> None:
    kept = answers_module._plain({"Credentials": {secret: "hush", "Expiration": BEGAN, "Many": ["x" * 5000]}})  # noqa: SLF001

    assert kept["Credentials"][secret] == "(left out)"
    assert kept["Credentials"]["Expiration"] == "2026-01-31T12:00:00Z"
    assert len(kept["Credentials"]["Many"][0]) == 2000


def test_suspects_are_checks_of_the_doctor() -> None:
    assert {*ENTERING, *ROUTING, *RECORDS, *CHANNELS} <= {check.name for check in CHECKS}
