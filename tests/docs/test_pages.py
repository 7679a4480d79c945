"""What holds for every page: links lead somewhere, commands exist, lines are short."""

import re

import pytest

from tests.docs.page import PROJECT, Page, anchor, in_code, is_described, pages

PAGES = [page.name for page in pages()]
SHORT = [
    "README.md",
    *(f"docs/{page}.md" for page in ("approval", "architecture", "configuration", "cost", "local")),
]
SHORT += ["docs/runbook.md", "docs/security.md"]
README = Page("README.md")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_a_file_and_a_heading(name: str) -> None:
    for link in Page(name).links:
        if "://" in link:
            continue
        path, _, fragment = link.partition("#")
        target = (PROJECT / name).parent / path if path else PROJECT / name
        assert target.exists(), link
        if fragment:
            headings = Page(str(target.resolve().relative_to(PROJECT))).headings
            assert fragment in {anchor(title) for title in headings}, link


@pytest.mark.parametrize("name", PAGES)
def test_no_comment_stands_behind_a_command(name: str) -> None:
    """zsh, the shell of many a laptop, takes it for more words of the command."""
    for line in "".join(Page(name).every_block("sh")).splitlines():
        assert line.lstrip().startswith("#") or " #" not in line, line


@pytest.mark.parametrize("name", SHORT)
def test_lines_are_short_but_for_tables_links_and_code(name: str) -> None:
    for line in Page(name).prose.splitlines():
        assert len(line) <= 120 or line.startswith("|") or "://" in line, line


@pytest.mark.parametrize("name", PAGES)
def test_make_targets_exist(name: str) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    for words in in_code(Page(name).text):
        if target := re.match(r"make ([a-z-]+)", words):
            assert f"\n{target[1]}:" in makefile, words


@pytest.mark.parametrize("name", PAGES)
def test_cdk_destroys_only_what_any_configuration_has(name: str) -> None:
    """Of a stack that is not in the app, such as a former Region's, it says so, and ends with 0."""
    named = {"RootWardenHub", "RootWardenOrganization", "'RootWardenForwarding-*'"}
    for line in re.findall(r"cdk destroy(.*)", Page(name).text):
        assert set(re.findall(r"'?RootWarden[\w<>*-]+'?", line)) <= named, line


def test_every_page_is_in_the_index() -> None:
    index = {row["page"] for row in README.table("Documentation")}
    linked = {link for page in index for link in re.findall(r"\(([^)]+)\)", page)}
    assert {name for name in PAGES if name != "README.md" and is_described(name)} <= linked


def test_the_email_shown_is_the_one_people_get() -> None:
    [shown] = README.blocks("What people get", "text")
    golden = PROJECT / "tests" / "golden" / "root_sign_in_without_mfa.email.txt"
    assert golden.read_text(encoding="utf-8").startswith(shown)
