"""docs/permissions.md: what every role may do, under which condition, and what for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from proofs.permissions.deployed import Deployed, arn_of, plain
from proofs.permissions.grants import Grant
from proofs.permissions.kept import KEPT

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
_BEGIN, _END = "<!-- generated: make permissions-page -->\n", "<!-- end -->\n"
_HEADINGS = "| role | may | on | only if | what for |\n|---|---|---|---|---|\n"
_HUB_STACK = "RootWardenHub"
# How the embedded AWS ends a name that CloudFormation would make up.
_MADE_UP = re.compile(r"-[0-9a-f]{12}$")
_WHERE = re.compile(r" \(([\w ]+ only)\)$")
# What a row says of its grant.
Cells = tuple[str, str, str]
# By role, each grant's cells with what used it.
Rows = Mapping[str, Mapping[Cells, Sequence[str]]]


class Line(NamedTuple):
    """What is the same for all actions of a line. where: in which deployment alone; kept: why, if unused."""

    role: str
    resource: str
    conditions: str
    where: str
    kept: str


def rows_of(deployed: Deployed, used: Mapping[Grant, Sequence[str]]) -> Rows:
    """Return, by role, each grant's cells and what used it; accounts and Regions are told apart no more."""
    names, rows = _names(deployed), dict[str, dict[Cells, list[str]]]()
    for grant, uses in used.items():
        of = "" if grant.role.stack == _HUB_STACK else f" of {grant.role.stack}"
        found = rows.setdefault(f"`{grant.role.name}`{of}", {}).setdefault(cells_of(grant, names), [])
        found += [use for use in uses if use not in found]
    return rows


def cells_of(grant: Grant, names: Mapping[str, str]) -> Cells:
    """Return what a row says of a grant."""
    conditions = "; ".join(
        f"{operator} {key}: {', '.join(_short(value, grant.role.stack, names) for value in values)}"
        for operator, key, values in grant.conditions
    )
    return grant.action, _short(grant.resource, grant.role.stack, names), conditions


def grants_of_rows(rows: Rows) -> set[tuple[str, ...]]:
    """Return each role with the cells of its grants."""
    return {(role, *cells) for role, found in rows.items() for cells in found}


def grants_in(page: str, *, but: str) -> set[tuple[str, ...]]:
    """Return the same of a page, without the lines that end in `but`."""
    return {
        (line.role, action, line.resource, line.conditions)
        for line, actions, _ in _lines_in(page)
        if line.where != but
        for action in actions
    }


def unexplained(page: str) -> list[str]:
    """Return the lines of a page that do not say what they are for."""
    return [f"{line.role} on {line.resource}" for line, _, text in _lines_in(page) if not (text or line.kept)]


def table(deployments: Sequence[tuple[str, Rows]], page: str) -> str:
    """Return the table of several deployments, each with its words; what a line is for stays as it was."""
    texts = {line: text for line, _, text in _lines_in(page)}
    lines = dict[Line, list[str]]()
    for role, cells in sorted(
        {(name, each) for _, rows in deployments for name in rows for each in rows[name]}
    ):
        lines.setdefault(_line(role, cells, deployments), []).append(cells[0])
    return _HEADINGS + "".join(_written(line, lines[line], texts.get(line, "")) for line in sorted(lines))


def written(page: str, generated: str) -> str:
    """Return the page with the generated part replaced."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{generated}\n{_END}{after}"


def _line(role: str, cells: Cells, deployments: Sequence[tuple[str, Rows]]) -> Line:
    action, resource, conditions = cells
    having = [(words, rows[role][cells]) for words, rows in deployments if cells in rows.get(role, {})]
    where = "; ".join(words for words, _ in having) + " only" if len(having) < len(deployments) else ""
    reason = KEPT.get((role.split("`")[1], action), "")
    kept = "" if any(uses for _, uses in having) else reason
    return Line(role, resource, conditions, where, kept)


def _written(line: Line, actions: Sequence[str], text: str) -> str:
    cells = (
        line.role,
        " ".join(f"`{action}`" for action in actions),
        f"`{line.resource}`",
        f"`{line.conditions}`" if line.conditions else "",
        (f"kept: {line.kept}" if line.kept else text) + (f" ({line.where})" if line.where else ""),
    )
    return f"| {' | '.join(cells)} |\n"


def _lines_in(page: str) -> Iterator[tuple[Line, list[str], str]]:
    """Yield a page's lines with their actions, and what they say that these are for."""
    for row in page.partition(_BEGIN)[2].partition(_END)[0].splitlines():
        if not row.startswith("| `"):
            continue
        role, actions, resource, conditions, last = row.removeprefix("| ").removesuffix(" |").split(" | ")
        where = _WHERE.search(last)
        text = _WHERE.sub("", last)
        kept = text.removeprefix("kept: ") if text.startswith("kept: ") else ""
        line = Line(role, resource.strip("`"), conditions.strip("`"), where[1] if where else "", kept)
        yield line, actions.replace("`", "").split(" "), "" if kept else text


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
