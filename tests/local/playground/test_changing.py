"""Commands that change something; each in accounts of its own."""

import pytest

from tests.local.playground.conftest import Playground, Rootctl

pytestmark = pytest.mark.long

WAITING, SHOP, TOOLS = "234523452345", "333344445555", "456745674567"
KEY_IN_USE, PARTNERS = "888899990000", "123412341234"
DRILL = ("--reason", "drill")


def test_harden_removes_what_it_showed(playground: Playground, rootctl: Rootctl) -> None:
    shown = rootctl("harden", SHOP, "--dry-run", "--output", "json")
    assert shown.code == 3, shown.err
    [row] = shown.json["accounts"]
    assert sorted(credential["kind"] for credential in row["toBeRemoved"]) == ["mfa_device", "password"]
    ended = rootctl("harden", SHOP, "--direct", "--yes", "--output", "json")
    assert (ended.code, ended.json["accounts"][0]["result"]) == (0, "hardened"), ended.err
    # The hub does not know the operator's root sessions.
    playground.wait_for(f"web-shop ({SHOP})  AssumeRoot: a principal other than rootwarden")


def test_the_hub_hardens_and_tells_of_it(playground: Playground, rootctl: Rootctl) -> None:
    ended = rootctl("harden", TOOLS, KEY_IN_USE, PARTNERS, "--yes", "--via-hub", *DRILL, "--output", "json")
    assert ended.code == 1, ended.err
    rows = {row["account"]["id"]: row["result"] for row in ended.json["accounts"]}
    assert rows == {TOOLS: "hardened", KEY_IN_USE: "partial", PARTNERS: "unreachable"}
    playground.wait_for(f"✔ hardened  build-tools ({TOOLS})")


def test_a_dead_letter_gets_another_chance(playground: Playground, rootctl: Rootctl) -> None:
    shown = rootctl("redrive", "--dry-run", "--output", "json")
    assert (shown.code, [row["waiting"] for row in shown.json]) == (3, [1]), shown.err
    ended = rootctl("redrive", "--yes", "--output", "json")
    assert ended.code == 0, ended.err
    assert [(row["function"], row["moved"]) for row in ended.json] == [("harden_account", 1)]
    playground.wait_for(f"✔ hardened  checkout-test ({WAITING})")
    assert rootctl("redrive", "--yes", "--output", "json").json == []


def test_a_test_alert_reaches_people(playground: Playground, rootctl: Rootctl) -> None:
    ended = rootctl("test-alert")
    assert ended.code == 0, ended.err
    assert "security@example.com" in ended.out
    playground.wait_for("222233334444: test alert  email")
    playground.wait_for("222233334444: test alert  chat")
