"""docs/permissions.md: what every role may do, under which condition, and what uses it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from proofs.permissions.deployed import Deployed, arn_of, plain
from proofs.permissions.grants import Grant
from proofs.permissions.kept import KEPT

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
_BEGIN, _END = "<!-- generated: make permissions-page -->\n", "<!-- end -->\n"
_HEADINGS = "| action | resource | condition | used by |\n|---|---|---|---|\n"
# How the embedded AWS ends a name that CloudFormation would make up.
_MADE_UP = re.compile(r"-[0-9a-f]{12}$")
# What a row says of its grant, before who uses it.
Cells = tuple[str, str, str]
Rows = Mapping[str, Mapping[Cells, Sequence[str]]]


def rows_of(deployed: Deployed, used: Mapping[Grant, Sequence[str]]) -> Rows:
    """Return, by role, each grant's cells and what used it; accounts and Regions are told apart no more."""
    names, rows = _names(deployed), dict[str, dict[Cells, list[str]]]()
    for grant, uses in used.items():
        role = f"`{grant.role.name}` of {grant.role.stack}"
        found = rows.setdefault(role, {}).setdefault(cells_of(grant, names), [])
        found += [use for use in uses if use not in found]
    return rows


def cells_of(grant: Grant, names: Mapping[str, str]) -> Cells:
    """Return what a row says of a grant."""
    conditions = "; ".join(
        f"{operator} {key}: {', '.join(_short(value, grant.role.stack, names) for value in values)}"
        for operator, key, values in grant.conditions
    )
    return grant.action, _short(grant.resource, grant.role.stack, names), conditions


def merged(deployments: Sequence[tuple[str, Rows]]) -> str:
    """Return the generated part for several deployments, each with its words."""
    rows, only = dict[str, dict[Cells, list[str]]](), dict[tuple[str, Cells], str]()
    for role, cells in {(name, each) for _, found in deployments for name in found for each in found[name]}:
        where = [words for words, found in deployments if cells in found.get(role, {})]
        if len(where) < len(deployments):
            only[role, cells] = f"{'; '.join(where)} only"
        uses = [use for _, found in deployments for use in found.get(role, {}).get(cells, ())]
        rows.setdefault(role, {})[cells] = list(dict.fromkeys(uses))
    return table(rows, only)


def lines_of(rows: Rows) -> set[tuple[str, str]]:
    """Return each role with the beginnings of its lines: all but what uses it."""
    return {(role, _beginning(cells)) for role, found in rows.items() for cells in found}


def lines_in(page: str, *, but: str) -> set[tuple[str, str]]:
    """Return the same of a page, without the lines that end in `but`."""
    found, role = set[tuple[str, str]](), ""
    for line in page.partition(_BEGIN)[2].splitlines():
        if line.startswith("### "):
            role = line.removeprefix("### ")
        elif line.startswith("| `") and not line.endswith(f"({but}) |"):
            found.add((role, line.rpartition(" | ")[0]))
    return found


def table(rows: Rows, only: Mapping[tuple[str, Cells], str]) -> str:
    """Return the tables; `only` says of a role's row where it holds, if not everywhere."""
    return "\n".join(
        f"### {role}\n\n{_HEADINGS}{''.join(_lines(role, found, only))}"
        for role, found in sorted(rows.items())
    )


def written(page: str, generated: str) -> str:
    """Return the page with the generated part replaced."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{generated}\n{_END}{after}"


def _lines(
    role: str, found: Mapping[Cells, Sequence[str]], only: Mapping[tuple[str, Cells], str]
) -> Iterator[str]:
    for cells, uses in sorted(found.items()):
        where = only.get((role, cells))
        reason = KEPT.get((role.split("`")[1], cells[0]))
        by = "; ".join(dict.fromkeys(uses)) or f"kept: {reason}"
        yield f"{_beginning(cells)} | {by}{f' ({where})' if where else ''} |\n"


def _beginning(cells: Cells) -> str:
    return "| " + " | ".join(f"`{cell}`" if cell else "" for cell in cells)


def _names(deployed: Deployed) -> dict[str, str]:
    """Return what people call each physical name that stands in an ARN."""
    found: dict[str, str] = {}
    for kind in (
        *("DynamoDB::Table", "S3::Bucket", "KMS::Key", "SNS::Topic", "SQS::Queue", "Lambda::Function"),
        *("Logs::LogGroup", "IAM::Role"),
    ):
        for resource, created in deployed.of_type(f"AWS::{kind}"):
            name = re.split(r"[:/]", arn_of(created).removesuffix(":*"))[-1]
            if _MADE_UP.search(name) or kind == "KMS::Key":
                found[name] = plain(resource.logical_id)
    return found


_MANAGEMENT, _HUB = "111122223333", "222233334444"
_OF_MANAGEMENT = ("organizations", "account", "cloudformation")


def _short(text: str, stack: str, names: Mapping[str, str]) -> str:
    """Return an ARN without its partition, with names instead of what AWS made up."""
    if names:
        longest_first = sorted(map(re.escape, names), key=len, reverse=True)
        text = re.sub("|".join(longest_first), lambda found: names[found[0]], text)
    service, is_organizations = text.split(":")[2:3], stack == "RootWardenOrganization"
    # Where the hub is in the management account, one id stands for both.
    is_management = (
        (service and service[0] in _OF_MANAGEMENT and not text.endswith(":account"))
        or "aws-service-role" in text
        or (is_organizations and service == ["logs"])
    )
    text = text.replace(_HUB, "HUB").replace(_MANAGEMENT, "MANAGEMENT" if is_management else "HUB")
    return text.removeprefix("arn:aws:").replace("o-aa111bb222", "ORGANIZATION")
