"""docs/events.md is the contract: its tables and schemas are the code's, and outcomes keep to them."""

import json

from hypothesis import given, settings

from rootwarden.outcomes import Outcome
from schemas.outcomes import OUTCOMES, path, schema, written
from tests.outcome_schemas import breaches
from tests.unit import outcomes


def test_what_is_written_is_what_the_code_says() -> None:
    old = [path.name for path, text in written().items() if path.read_text(encoding="utf-8") != text]

    assert not old, "run make schemas"


def test_every_outcome_has_its_schema_and_its_table() -> None:
    kinds = {
        kind.detail_type for kind in Outcome.__subclasses__() if kind.__module__.startswith("rootwarden")
    }
    [page] = [text for path, text in written().items() if path.name == "events.md"]

    assert {kind.detail_type for kind in OUTCOMES} == kinds
    assert all(f"fields of {kind} -->\nJSON Schema: [`{path(kind).name}`]" in page for kind in kinds)


@given(outcomes.OUTCOMES)
@settings(deadline=None, max_examples=60)
def test_an_outcome_keeps_to_its_schema(outcome: Outcome) -> None:
    detail = json.loads(json.dumps(outcome.to_detail()))

    assert not breaches([{"detail-type": outcome.detail_type, "detail": detail}])
    assert detail.keys() == schema(type(outcome))["properties"].keys()
    for field in detail:
        lacking = {name: value for name, value in detail.items() if name != field}
        assert breaches([{"detail-type": outcome.detail_type, "detail": lacking}])
