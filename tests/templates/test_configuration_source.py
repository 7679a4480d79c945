"""Where the configuration is read from, and what is said where that is not clear."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Annotations, Match

import app as deployment
from stacks.configuration.reading import ConfigurationError, read_configuration
from stacks.configuration.source import FILE, SourceError, find_source, move, read_file
from tests.templates.synthesized import CONFIGURATION


def test_file_at_the_top_of_the_checkout_is_read(tmp_path: Path) -> None:
    _write(tmp_path / FILE, "queue_retention_days: 3")
    source = find_source({}, tmp_path)
    assert (source.file, source.block, source.hints) == (FILE, {"queue_retention_days": 3}, ())


def test_file_that_the_command_line_names_is_read_instead(tmp_path: Path) -> None:
    _write(tmp_path / FILE, "queue_retention_days: 3")
    _write(tmp_path / "test.yaml", "queue_retention_days: 4")
    assert find_source({"config": "test.yaml"}, tmp_path).block == {"queue_retention_days": 4}
    source = find_source({"config": "test.yaml", "rootwarden": {"queue_retention_days": 5}}, tmp_path)
    assert source.block == {"queue_retention_days": 4}
    assert source.hints == (
        "the block rootwarden of cdk.json is not read, because -c config=test.yaml was given",
    )


@pytest.mark.long
def test_block_of_cdk_json_is_read_with_a_hint_how_to_move_it(tmp_path: Path) -> None:
    source = find_source({"rootwarden": CONFIGURATION}, tmp_path)
    assert (source.file, source.block) == ("cdk.json", CONFIGURATION)
    # When it is composed
    cdk_app = App(context=deployment.project_context())
    deployment.compose(cdk_app, read_configuration({"rootwarden": source.block}), hints=source.hints)
    # Then synthesizing shows the hint, as it shows the configuration's warnings
    hub: Any = cdk_app.node.find_child("RootWardenHub")
    command = r"\.venv/bin/python -m stacks\.configuration\.source cdk\.json && git checkout cdk\.json"
    Annotations.from_stack(hub).has_warning("*", Match.string_like_regexp(f".*Move it: {command}.*"))


_TEXTS = {"hub_account_id": "089999999999", "exemptions": [{"reason": "no ü: x", "until": "2027-01-31"}]}

_NO_OBJECT: dict[str, Any] = {"remove_recently_used_keys": True, "sweep": "audit"}


@pytest.mark.parametrize(
    ("block", "moved"),
    [
        (CONFIGURATION | {"remove_recently_used_keys": False}, CONFIGURATION),
        ({"remove_recently_used_keys": True}, {"hardening": {"keep_used_within_days": 0}}),
        ({"sweep": {"mode": "audit", "batch_size": 5}}, {"sweep": {"mode": "observe", "batch_size": 5}}),
        (_TEXTS, _TEXTS),
        # What is no object, make synth refuses by its key; what it does not know, too.
        (_NO_OBJECT | {"hardening": None}, _NO_OBJECT | {"hardening": None}),
        (_NO_OBJECT | {"hardening": "enforce"}, _NO_OBJECT | {"hardening": "enforce"}),
    ],
)
def test_block_is_moved_in_this_versions_words(
    block: dict[str, Any], moved: dict[str, Any], tmp_path: Path
) -> None:
    kept = _write(tmp_path / "kept.json", json.dumps({"context": {"rootwarden": block}}))

    path = move(kept, tmp_path)

    assert path == tmp_path / FILE
    assert read_file(path) == moved
    assert sorted(each.name for each in tmp_path.iterdir()) == ["kept.json", FILE]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No such file or directory"),
        ("{", "is no cdk.json with a block rootwarden in its context"),
        ("[]", "is no cdk.json with a block rootwarden in its context"),
        (json.dumps({"context": {}}), "is no cdk.json with a block rootwarden in its context"),
        (json.dumps({"context": {"rootwarden": 5}}), "the block rootwarden is no object"),
    ],
)
def test_what_cannot_be_moved_leaves_no_file(text: str | None, said: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    if text is not None:
        _write(kept, text)
    with pytest.raises(SourceError) as refused:
        move(kept, tmp_path)
    assert str(kept) in str(refused.value)
    assert said in str(refused.value)
    assert not (tmp_path / FILE).exists()


def test_configuration_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    kept = _write(tmp_path / "kept.json", json.dumps({"context": {"rootwarden": CONFIGURATION}}))
    _write(tmp_path / FILE, "mine")
    with pytest.raises(SourceError, match=r"rootwarden\.yaml is there already: delete it first"):
        move(kept, tmp_path)
    assert (tmp_path / FILE).read_text(encoding="utf-8") == "mine"


def test_cdk_json_ships_without_a_configuration() -> None:
    assert "rootwarden" not in deployment.project_context()


def test_both_at_once_are_refused_by_name(tmp_path: Path) -> None:
    _write(tmp_path / FILE, "{}")
    with pytest.raises(
        SourceError, match=r"two configurations, rootwarden\.yaml and the block rootwarden .* of cdk\.json"
    ):
        find_source({"rootwarden": {}}, tmp_path)


def test_without_any_the_command_that_writes_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"rootwarden\.yaml is missing\.\nWrite it: rootctl init"):
        find_source({}, tmp_path)
    # Whoever gives every value on the command line needs no file.
    assert find_source({"rootwarden.hub_region": "us-east-1"}, tmp_path).block == {}


def test_account_ids_dates_and_words_are_texts(tmp_path: Path) -> None:
    path = _write(
        tmp_path / FILE,
        "ids: [012345678901, 111122223333]\nuntil: 2027-01-31\nreason: no\ndays: 14\nlock: true\nhome: null",
    )
    assert read_file(path) == {
        "ids": ["012345678901", "111122223333"],
        "until": "2027-01-31",
        "reason": "no",
        "days": 14,
        "lock": True,
        "home": None,
    }


def test_json_is_read_as_it_is(tmp_path: Path) -> None:
    assert read_file(_write(tmp_path / FILE, json.dumps(CONFIGURATION))) == CONFIGURATION


# Ten levels of ten aliases each: a page that would be ten thousand million values.
_ALIASES = "\n".join(
    ["l0: &l0 [x]", *(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 11))]
)


def test_an_alias_stands_for_what_it_names(tmp_path: Path) -> None:
    path = _write(tmp_path / FILE, "a: &mine [x, 1]\nb: *mine\nc: !!str 5")
    assert read_file(path) == {"a": ["x", 1], "b": ["x", 1], "c": "5"}


@pytest.mark.parametrize("depth", [50, 150, 250, 280, 300, 330])
def test_what_is_nested_as_deeply_as_can_be_read_is_refused_by_its_key(depth: int, tmp_path: Path) -> None:
    path = _write(tmp_path / FILE, f"tags: {'{a: ' * depth}b{'}' * depth}")
    with pytest.raises((SourceError, ConfigurationError), match=r"tags: found|nested too deeply"):
        read_configuration({"rootwarden": read_file(path)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sweep: [", "line 1, column 9: "),
        (
            "hub_region: a\nslack:\n  channel_id: b\n  channel_id: c",
            "line 4, column 3: the key channel_id stands here a second",
        ),
        ("a: !!python/name:os.system", "line 1, column 4: found !!python/name:os.system; takes text, whole"),
        ("a: !own x", "line 1, column 4: found !own; takes text, whole numbers, true, false"),
        ("a: !!set {b}", "line 1, column 4: found !!set; takes text, whole numbers, true, false"),
        ("a: !!int abc", "line 1, column 4: found !!int abc; takes a whole number"),
        (f"a: !!int 1{'0' * 5000}", "; takes a whole number of up to 11 digits"),
        ("a: !!bool maybe", "line 1, column 4: found !!bool maybe; takes true or false"),
        ("a: !!null x", "line 1, column 4: found !!null x; takes null"),
        ("a: !!str [b]", "line 1, column 4: expected a scalar node"),
        ("a: !!map b", "line 1, column 4: expected a mapping node"),
        ("tags: {5: b}", 'line 1, column 8: found the key 5; takes a text, such as "5" in quotes'),
        ("true: b", 'line 1, column 1: found the key true; takes a text, such as "true" in quotes'),
        ("tags: {[a]: b}", "line 1, column 8: found a list or an object for a key; takes a text"),
        ("a: &a [*a]", "line 1, column 4: found an alias of what it stands in; takes a value"),
        ("&a {b: {c: *a}}", "line 1, column 1: found an alias of what it stands in; takes a value"),
        (_ALIASES, "found more than 100000 values; takes fewer"),
        (f"a: {'[' * 3000}{']' * 3000}", "is nested too deeply"),
        (f"a: {'{a: ' * 3000}b{'}' * 3000}", "is nested too deeply"),
        ("a: \x00", "is no YAML: "),
        (b"\xff", "is no YAML: "),
        (None, "No such file or directory"),
    ],
)
def test_file_that_cannot_be_read_is_named_with_the_place(
    text: str | bytes | None, said: str, tmp_path: Path
) -> None:
    path = tmp_path / FILE
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SourceError) as refused:
        read_file(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert said in str(refused.value)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
