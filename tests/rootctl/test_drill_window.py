"""A drill's own recovery window, and what becomes of it wherever the drill stops."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from rootctl.drill import window as module
from rootctl.drill.window import DrillWindow
from rootctl.errors import Hindered
from rootwarden.events import AccountId, Fields
from rootwarden.refusals import CallRefused

ACCOUNT, CALLER = AccountId("777788889999"), "arn:aws:sts::222233334444:assumed-role/operators/jane"
UNTIL = "2026-01-31T13:00:00Z"
Request = Any


class FakeHub:
    """Opens and closes one window; busy: for how many closings it is not to be had."""

    def __init__(self) -> None:
        self.windows: list[dict[str, Any]] = []
        self.busy = 0
        self.closed: list[str] = []
        self.opening: Callable[[], None] = lambda: None
        self.closing: Callable[[], None] = lambda: None

    def begin(self, reason: str) -> dict[str, Any]:
        window = {"until": UNTIL, "reason": reason, "openedBy": CALLER}
        account = {"id": ACCOUNT, "name": None, "organizationalUnit": None}
        self.windows.append(
            {"account": account, **window, "openedAt": UNTIL, "approvedBy": [], "state": "open"}
        )
        return {"result": "opened", "reason": None, "account": account, "window": window}

    def open(self, request: Request) -> Fields:
        answer = self.begin(request["reason"])
        self.opening()
        return Fields(answer)

    def close(self, request: Request) -> Fields:
        if request.get("list"):
            return Fields({"result": "listed", "reason": None, "windows": list(self.windows)})
        self.closing()
        if self.busy:
            self.busy -= 1
            return Fields({"result": "refused", "reason": {"code": "WindowBusy", "text": "busy"}})
        self.closed.append(request["until"])
        found = bool(self.windows)
        self.windows.clear()
        return Fields({"result": "closed" if found else "nothing_open", "reason": None, "closed": []})


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def window(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> DrillWindow:
    monkeypatch.setattr(module, "sleep", lambda _: None)
    return DrillWindow(ACCOUNT, CALLER, hub.open, hub.close)


def refusing() -> None:
    raise CallRefused("AccessDenied", "no")


def interrupting() -> None:
    raise KeyboardInterrupt


def test_what_was_never_asked_for_is_not_closed(hub: FakeHub, window: DrillWindow) -> None:
    hub.begin("INC-7: a person's own window")

    assert window.restore() == "Nothing is left open."
    assert hub.closed == []


def test_it_is_closed_and_no_other(hub: FakeHub, window: DrillWindow) -> None:
    window.open()
    window.close()

    assert hub.closed == [UNTIL]
    assert "rootctl audit 777788889999" in window.restore()
    assert len(hub.closed) == 1


def test_a_window_that_another_person_opened_meanwhile_stays(hub: FakeHub, window: DrillWindow) -> None:
    window.open()
    hub.windows.clear()
    hub.begin("INC-7: a person's own window")

    assert window.restore() == "Nothing is left open."
    assert hub.closed == []


@pytest.mark.parametrize("stop", [interrupting, refusing], ids=["interrupted", "refused"])
def test_an_opening_without_an_answer_is_found_and_closed(
    hub: FakeHub, window: DrillWindow, stop: Callable[[], None]
) -> None:
    hub.opening, hub.busy = stop, 2
    with pytest.raises((KeyboardInterrupt, CallRefused)):
        window.open()

    assert window.restore() == "The recovery window is closed, and the hub hardens the account again."
    assert (hub.closed, hub.windows) == ([UNTIL], [])


@pytest.mark.parametrize("stop", [interrupting, refusing], ids=["interrupted", "refused"])
def test_what_cannot_be_closed_is_said_with_the_next_step(
    hub: FakeHub, window: DrillWindow, stop: Callable[[], None]
) -> None:
    window.open()
    hub.closing = stop

    restored = window.restore()

    assert "may still be open" in restored
    assert "To close it now: rootctl recovery close 777788889999" in restored


def test_a_window_that_stays_busy_is_said(
    hub: FakeHub, window: DrillWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", timedelta(0))
    window.open()
    hub.busy = 9

    assert "may still be open (Busy. Nothing was done.)" in window.restore()


def test_an_opening_that_failed_says_why(window: DrillWindow) -> None:
    failed = {"result": "failed", "reason": {"code": "Throttling", "text": "slow down"}, "account": {}}
    window.ask_open = lambda _: Fields(failed)

    with pytest.raises(Hindered, match="not opened \\(Throttling: slow down\\)"):
        window.open()
