"""docs/architecture.md: state items, log lines, retries and import directions as the code has them."""

import ast
import re
import tomllib
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from rootwarden.aws import clients
from rootwarden.aws.function import retry_delay
from rootwarden.aws.state_table import KeyKind
from tests.docs.page import PROJECT, Page, in_code, is_described
from tests.templates.synthesized import Deployment

PAGE = Page("docs/architecture.md")


def _source(*folders: str) -> str:
    files = [path for folder in folders for path in sorted((PROJECT / folder).rglob("*.py"))]
    texts = [path.read_text(encoding="utf-8") for path in files]
    return "\n".join(text for text in texts if is_described(text))


def test_state_items_are_those_the_code_writes_and_reads() -> None:
    rows = {in_code(row["key"])[0]: row for row in PAGE.table("State")}
    # A kind's other claims are told apart by what follows: what was said, and who has an account alone.
    kinds = {
        key.partition("#")[0]: row for key, row in rows.items() if not re.search("#SAID#|#alone$|#said$", key)
    }
    assert list(kinds) == [kind.name for kind in KeyKind]
    for kind in KeyKind:
        assert kinds[kind.name]["holds"].startswith(kind.holds)
        if kind.kept:
            days, hours = kind.kept.days, kind.kept.seconds // 3600
            assert (f"{days} day" if days else f"{hours} hour") in kinds[kind.name]["expires"]


def test_keys_are_made_by_their_kinds_alone() -> None:
    assert re.findall(r'"[A-Z]+#', _source("lambdas", "rootwarden", "rootctl")) == ['"SAID#'] * 2


def test_log_lines_are_those_the_functions_write() -> None:
    source = _source("lambdas", "rootwarden")
    written = set(re.findall(r'logger\.(?:info|warning|error)\(\s*"([^"]+)"', source))
    written |= set(re.findall(r'\bsaid = "([a-z ]+)"', source))
    documented = {line for row in PAGE.table("What is logged") for line in in_code(row["message"])}
    assert documented == written


def test_what_docstrings_refer_to_is_there() -> None:
    named = set(
        re.findall(r"[Ss]ee (rootwarden(?:\.\w+)+)\.(\w+)", _source("lambdas", "rootwarden", "rootctl"))
    )
    assert named
    for module, name in named:
        assert hasattr(import_module(module), name), f"{module} has no {name}"


@pytest.mark.long
def test_retries_are_those_of_the_queues(deployed: Deployment) -> None:
    for row in PAGE.table("Retries"):
        name = in_code(row["function"])[0]
        hub, handler = deployed.hub, f"lambdas.{name}.handler"
        queue = hub.body["Resources"][hub.queue_of(handler)]["Properties"]
        tries = queue["RedrivePolicy"]["maxReceiveCount"]
        waits = [retry_delay(attempt) for attempt in range(1, tries)]
        assert row["attempts"] == str(tries)
        assert row["timeout"] == f"{hub.function(handler)['Timeout']} s"
        assert row["waits between them"] == ", ".join(map(_spoken, waits))
        assert row["last attempt after"] == f"{sum(waits) / 60:g} min"


@pytest.mark.parametrize(
    ("name", "config"), [("patient", clients.PATIENT), ("prompt", clients.PROMPT), ("brief", clients.BRIEF)]
)
def test_time_budgets_are_those_of_the_clients(name: str, config: Any) -> None:
    [row] = [row for row in PAGE.table("Time budgets") if row["patience"] == name]
    assert row["connect"] == f"{config.connect_timeout} s"
    assert row["read"] == f"{config.read_timeout} s"
    assert row["tries"] == str(config.retries["total_max_attempts"])


def test_every_queued_function_has_its_retries(deployed: Deployment) -> None:
    queued = {
        function["Handler"].split(".")[-2]
        for function in deployed.hub.properties("AWS::Lambda::Function")
        if "QUEUE_URL" in function.get("Environment", {}).get("Variables", {})
    }
    assert {in_code(row["function"])[0] for row in PAGE.table("Retries")} == queued


def test_no_modules_import_each_other_in_a_circle() -> None:
    configuration = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = configuration["tool"]["importlinter"]["root_packages"]
    paths = [path.relative_to(PROJECT) for package in packages for path in (PROJECT / package).rglob("*.py")]
    modules = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): path for path in paths}
    imports = {
        module: {
            name if (name := f"{statement.module}.{each.name}") in modules else statement.module
            for statement in ast.parse((PROJECT / path).read_text(encoding="utf-8")).body
            if isinstance(statement, ast.ImportFrom) and statement.module
            for each in statement.names
        }
        for module, path in modules.items()
    }
    # Raises CycleError with the circle, where there is one.
    assert set(TopologicalSorter(imports).static_order()) >= set(modules)


def test_layout_names_what_exists() -> None:
    for row in PAGE.table("Layout"):
        for path in in_code(row["where"]):
            assert Path(PROJECT / path).exists(), path


def _spoken(seconds: int) -> str:
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"
