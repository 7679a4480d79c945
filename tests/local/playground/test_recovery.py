"""A recovery window, from opening to hardened again."""

import pytest

from tests.local.playground.conftest import Playground, Rootctl

pytestmark = pytest.mark.long

ACCOUNT, NAME = "345634563456", "search-test (345634563456)"
LOST = ("--reason", "the phone is lost")


def test_a_window_is_opened_listed_closed_and_hardened(playground: Playground, rootctl: Rootctl) -> None:
    opened = rootctl("recovery", "open", ACCOUNT, "--hours", "1", *LOST, "--yes")
    assert opened.code == 0, opened.err
    playground.wait_for(f"✔ opened  {NAME}")
    [window] = rootctl("recovery", "list", "--output", "json").json["windows"]
    assert (window["account"]["id"], window["reason"]) == (ACCOUNT, "the phone is lost")

    again = rootctl("recovery", "open", ACCOUNT, "--hours", "2", *LOST, "--yes")
    assert again.code == 1
    assert f"In search-test ({ACCOUNT}) a window was opened until" in again.err

    closed = rootctl("recovery", "close", ACCOUNT, "--yes")
    assert closed.code == 0, closed.err
    playground.wait_for(f"✔ closed  {NAME}")
    playground.wait_for(f"✔ hardened  {NAME}  removed the password")
    assert rootctl("recovery", "list", "--output", "json").json["windows"] == []
