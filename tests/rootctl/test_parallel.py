"""Working on many things at once: what Ctrl-C leaves is said truthfully."""

import signal
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from rootctl.errors import Exit
from rootctl.parallel import Results, at_once
from tests.accounts import CLEAN
from tests.rootctl.conftest import run

THINGS = tuple(range(8))


def press_ctrl_c() -> None:
    """Interrupt the main thread as a terminal does, also while it waits."""
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)


class Stopping:
    """Stands for the console; whoever works can wait for the message, and Ctrl-C may come again."""

    def __init__(self) -> None:
        self.printed = threading.Event()
        self.again = False

    def print(self, _text: str, **_: object) -> None:
        self.printed.set()
        if self.again:
            press_ctrl_c()


def test_everything_is_done_in_the_order_given() -> None:
    results = at_once([*THINGS, 3], lambda number: number * 2, threads=3, description="")

    assert results == Results(done={number: number * 2 for number in THINGS})
    assert list(results.done) == list(THINGS)
    assert not results.is_interrupted


def test_what_the_work_raises_ends_everything() -> None:
    def fail(number: int) -> int:
        raise ValueError(str(number))

    with pytest.raises(ValueError, match="0"):
        at_once([0], fail, threads=3, description="")


def test_an_error_waits_for_what_was_begun_and_begins_nothing_new() -> None:
    both, worked = threading.Barrier(2), []

    def work(number: int) -> int:
        both.wait()
        if number == 0:
            raise ValueError(str(number))
        worked.append(number)
        return number

    with pytest.raises(ValueError, match="0"):
        at_once([0, 1], work, threads=2, description="")

    assert worked == [1]


def test_nothing_to_do_is_done() -> None:
    assert at_once([], str, threads=3, description="") == Results(done={})


@pytest.fixture
def stopping(monkeypatch: pytest.MonkeyPatch) -> Stopping:
    """What happens when the operator is printed that work is being finished."""
    found = Stopping()
    monkeypatch.setattr("rootctl.parallel.beside_results", lambda: found)
    return found


def test_ctrl_c_finishes_what_was_begun_and_begins_nothing_new(stopping: Stopping) -> None:
    both = threading.Barrier(2)

    def work(number: int) -> int:
        both.wait()
        if number == 0:
            press_ctrl_c()
        stopping.printed.wait()
        return number

    results = at_once(THINGS, work, threads=2, description="")

    assert results == Results(done={0: 0, 1: 1}, not_begun=THINGS[2:], is_interrupted=True)


def test_a_look_that_was_interrupted_saw_nothing_to_go_by(stopping: Stopping) -> None:
    def work(number: int) -> int:
        press_ctrl_c()
        stopping.printed.wait()
        return number

    results = at_once([0], work, threads=1, description="")

    assert results == Results(done={0: 0}, is_interrupted=True)
    with pytest.raises(KeyboardInterrupt, match="Nothing was changed"):
        results.seen()


def test_a_second_ctrl_c_does_not_wait(stopping: Stopping) -> None:
    stopping.again = True
    both, never = threading.Barrier(2), threading.Event()

    def work(number: int) -> int:
        both.wait()
        if number == 0:
            press_ctrl_c()
        never.wait()
        return number

    results = at_once(THINGS, work, threads=2, description="")
    never.set()

    assert results == Results(done={}, unfinished=(0, 1), not_begun=THINGS[2:], is_interrupted=True)


def interrupted(*, all_done: bool) -> Callable[..., Results[str, object]]:
    """Stand for work that Ctrl-C ends before anything was begun, or when all was."""

    def interrupted(things: Iterable[str], act: Callable[[str], object], **_: object) -> Results[str, object]:
        if all_done:
            return Results(done={thing: act(thing) for thing in things}, is_interrupted=True)
        return Results(done={}, not_begun=tuple(things), is_interrupted=True)

    return interrupted


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("way", [("--direct", "--yes"), ("--via-hub",)], ids=["direct", "via hub"])
@pytest.mark.parametrize(
    ("all_done", "result"), [(False, "not looked at"), (True, "clean")], ids=["none begun", "all begun"]
)
def test_an_audit_that_is_interrupted_says_so_and_shows_what_it_saw(
    monkeypatch: pytest.MonkeyPatch, way: tuple[str, ...], result: str, *, all_done: bool
) -> None:
    monkeypatch.setattr("rootctl.auditing.at_once", interrupted(all_done=all_done))

    audited = run("audit", CLEAN, *way)

    assert audited.exit_code == Exit.INTERRUPTED
    assert CLEAN in audited.stdout
    assert f"Accounts: 1 (1 {result})." in audited.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [("doctor",), ("plan", "--now", "--save", "plan.html"), ("redrive", "--members", "--yes")],
    ids=" ".join,
)
@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("all_done", [False, True], ids=["with some not begun", "with all done"])
def test_a_command_that_only_looks_ends_where_it_is_interrupted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...], *, all_done: bool
) -> None:
    for module in ("auditing", "checks.members", "undelivered"):
        monkeypatch.setattr(f"rootctl.{module}.at_once", interrupted(all_done=all_done))
    monkeypatch.chdir(tmp_path)

    result = run(*command)

    assert (result.exit_code, result.stdout) == (Exit.INTERRUPTED, "")
    assert "interrupted. Nothing was changed." in result.stderr
    assert not list(tmp_path.iterdir())
