"""The rules of the project: workflows, forms, updates and hooks are valid and safe, and call make targets."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_jsonschema import main as check_jsonschema  # type: ignore[import-untyped]
from click.testing import CliRunner

from stacks.constructs.python_function import RUNTIME
from supply_chain.audit import LOCKS
from tests.docs.page import PROJECT, Page, anchor, in_code

GITHUB = PROJECT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
PAGES = ["SECURITY.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", ".github/PULL_REQUEST_TEMPLATE.md"]
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
# What a job may write, beside its reason in the workflow.
_WRITES = {("release", "attest"): {"id-token", "attestations"}, ("release", "draft"): {"contents"}}


def _workflow(name: str) -> dict[str, Any]:
    document = yaml.safe_load((GITHUB / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def _jobs() -> list[tuple[str, str, dict[str, Any]]]:
    names = [path.stem for path in WORKFLOWS]
    return [(name, job, body) for name in names for job, body in _workflow(name)["jobs"].items()]


def _made(text: str) -> set[str]:
    lines = re.findall(r"^\s*make ([a-z -]+)", text, re.MULTILINE)
    return {target for line in lines for target in line.split()}


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("workflows", "workflows/*.yml"),
        ("issue-forms", "ISSUE_TEMPLATE/[!c]*.yml"),
        ("issue-config", "ISSUE_TEMPLATE/config.yml"),
        ("dependabot", "dependabot.yml"),
    ],
)
def test_files_are_what_github_reads(schema: str, files: str) -> None:
    name = "vendor.dependabot" if schema == "dependabot" else f"vendor.github-{schema}"
    found = [str(path) for path in GITHUB.glob(files)]
    result = CliRunner().invoke(check_jsonschema, [f"--builtin-schema={name}", *found])

    assert found
    assert result.exit_code == 0, result.output


def test_zizmor_finds_no_way_into_the_workflows() -> None:
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--no-progress", str(GITHUB)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - pinned by us

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_a_whole_commit_with_its_version_beside_it(path: Any) -> None:
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))

    assert used
    for action in used:
        pinned = re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)
        assert pinned or (PROJECT / action.split()[0]).is_file(), action


def test_one_action_has_one_pin() -> None:
    used = {
        action
        for path in WORKFLOWS
        for action in re.findall(r"uses: (\S+@.+)", path.read_text(encoding="utf-8"))
    }
    assert len({action.partition("@")[0] for action in used}) == len(used)


def test_each_job_may_do_the_least() -> None:
    assert all(_workflow(path.stem)["permissions"] == {} for path in WORKFLOWS)
    for name, job, body in _jobs():
        written = {scope for scope, access in body["permissions"].items() if access != "read"}
        assert written == _WRITES.get((name, job), set()), f"{name}: {job}"


def test_who_may_write_runs_nothing_of_the_project() -> None:
    for name, job, body in _jobs():
        if (name, job) in _WRITES:
            steps = body["steps"]
            assert not any("checkout" in step.get("uses", "") for step in steps)
            assert not _made("\n".join(step.get("run", "") for step in steps))


def test_workflows_and_hooks_call_targets_that_exist() -> None:
    commands = [step.get("run", "") for _, _, body in _jobs() for step in body.get("steps", [])]
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    for repository in hooks["repos"]:
        assert repository["repo"] == "local", "a hook of another repository is downloaded"
        commands += [hook["entry"] for hook in repository["hooks"]]
    called = _made("\n".join(commands))

    assert {"lint", "test", "demo", "test-deploy", "audit", "sbom", "wheel"} <= called
    assert not {target for target in called if f"\n{target}:" not in MAKEFILE}


def test_tests_run_on_the_oldest_python_and_on_that_of_the_functions() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tested = _workflow("ci")["jobs"]["test"]["strategy"]["matrix"]["python"]

    assert f">={tested[0]}" == project["requires-python"]
    assert f"python{tested[-1]}" == RUNTIME.name
    assert tested == [f"3.{minor}" for minor in range(11, 11 + len(tested))]


def test_updates_are_looked_for_wherever_something_is_locked() -> None:
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    looked = {each["package-ecosystem"]: set(each.get("directories", [])) for each in updates}
    for ending, ecosystem in ((".txt", "pip"), (".json", "npm")):
        folders = {f"/{lock.rpartition('/')[0]}" for lock in LOCKS if lock.endswith(ending)}
        assert looked[ecosystem] == folders
    assert "github-actions" in looked


@pytest.mark.parametrize("name", PAGES)
def test_pages_name_what_exists(name: str) -> None:
    page = Page(name)
    for link in page.links:
        path, _, fragment = link.partition("#")
        if "://" in link:
            continue
        target = (PROJECT / path).resolve()
        assert target.exists(), link
        if fragment:
            headings = Page(str(target.relative_to(PROJECT))).headings
            assert fragment in {anchor(title) for title in headings}, link
    code = "\n".join(in_code(page.prose))
    blocks = re.findall(r"```sh\n(.*?)```", page.text, re.DOTALL)
    # In a block a comment follows the target.
    made = _made(code) | _made(re.sub(r"\s*#.*", "", "\n".join(blocks)))
    assert not {target for target in made if f"\n{target}:" not in MAKEFILE}
    paths = re.findall(r"(?:\.github|\blambdas|\blocal|\brootctl|\bstacks|\btests)/[\w./-]*", code)
    assert not [path for path in paths if not (PROJECT / path).exists()]


@pytest.mark.parametrize("name", PAGES)
def test_lines_are_short(name: str) -> None:
    for line in Page(name).prose.splitlines():
        assert len(line) <= 120 or line.startswith("|") or "://" in line, line


def test_the_first_screen_says_what_it_is_how_to_see_it_and_how_mature_it_is() -> None:
    page = Page("README.md")
    first = page.text.partition("\n## ")[0]
    what = first.split("\n\n")[1].replace("\n", " ")

    assert len(re.findall(r"[.!?](?: |$)", what)) == 2, what
    [commands] = re.findall(r"```sh\n(.*?)```", first, re.DOTALL)
    assert [line.split("#")[0].strip() for line in commands.splitlines()] == ["make demo", "make test"]
    [picture] = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", first)
    assert (PROJECT / picture).is_file()
    assert "have not run it on AWS" in " ".join(first.split())
    assert {"docs/drill.md", "LICENSE"} <= set(page.links)
    assert len(first.splitlines()) < 30
