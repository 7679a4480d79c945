"""The storms of benchmarks.events, small: what they rest on is right, and the aims hold."""

from argparse import Namespace
from typing import Any

import pytest

from benchmarks import events
from benchmarks.virtual_table import ConditionFailed, VirtualTable
from tests.templates.synthesized import synthesized

KEY = {"Key": {"pk": {"S": "a"}}}
LEASE = {
    **KEY,
    "UpdateExpression": "SET lease_until = :lease REMOVE done_until",
    "ConditionExpression": "(attribute_not_exists(lease_until) OR lease_until <= :now)"
    " AND (attribute_not_exists(done_until) OR done_until <= :now)",
}


def lease(table: VirtualTable, until: int, now: int) -> dict[str, Any]:
    values = {":lease": {"N": str(until)}, ":now": {"N": str(now)}}
    return table.write("UpdateItem", {**LEASE, "ExpressionAttributeValues": values})


def test_the_table_holds_conditions_as_dynamodb_does() -> None:
    table = VirtualTable()

    assert lease(table, until=10, now=0) == {"pk": {"S": "a"}, "lease_until": {"N": "10"}}
    with pytest.raises(ConditionFailed) as failed:
        lease(table, until=12, now=9)
    assert failed.value.item["lease_until"] == {"N": "10"}
    assert lease(table, until=20, now=10)["lease_until"] == {"N": "20"}


def test_the_table_changes_paths_numbers_and_sets() -> None:
    table = VirtualTable()
    table.write("PutItem", {"Item": {"pk": {"S": "a"}, "acts": {"M": {}}, "count": {"N": "1"}}})
    change = {
        **KEY,
        "UpdateExpression": "SET acts.#act = :act ADD #count :one, accounts :set",
        "ConditionExpression": "attribute_not_exists(acts.#act) AND size(acts) < :most",
        "ExpressionAttributeNames": {"#act": "critical#done", "#count": "count"},
        "ExpressionAttributeValues": {
            ":act": {"S": "x"},
            ":one": {"N": "1"},
            ":most": {"N": "1"},
            ":set": {"SS": ["b"]},
        },
    }

    item = table.write("UpdateItem", change)

    assert item["acts"] == {"M": {"critical#done": {"S": "x"}}}
    assert (item["count"], item["accounts"]) == ({"N": "2"}, {"SS": ["b"]})
    with pytest.raises(ConditionFailed):
        table.write("UpdateItem", change)


@pytest.mark.long
def test_small_storms_hold_the_aims(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in events.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    conditions = Namespace(accounts=10, records=100, seconds=5, concurrency=50, put_events=50)

    runs = events.run_storms(dict(synthesized(slack={}).hub.body), conditions)

    assert [aim for aim, holds, _ in events.judged(runs) if not holds] == []
    assert len(runs.wave.until("Account Hardening Result")) == 10
