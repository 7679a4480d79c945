"""docs/permissions.md: what every role may do, under which condition, and what for."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from proofs.permissions.conditional import LABELS, WHEN
from proofs.permissions.deployed import Deployed, arn_of, plain
from proofs.permissions.grants import Grant
from proofs.permissions.kept import KEPT
from proofs.permissions.topologies import ANOTHER_TEAM

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
_BEGIN, _END = "<!-- generated: make permissions-page -->\n", "<!-- end -->\n"
_HEADINGS = "| may | on | only if | what for |\n|---|---|---|---|\n"
_HUB_STACK = "RootWardenHub"
# How the embedded AWS ends a name that CloudFormation would make up.
_MADE_UP = re.compile(r"-[0-9a-f]{12}$")
_WHEN = re.compile(rf" \(({'|'.join(LABELS)})\)$")
# What a row says of its grant.
Cells = tuple[str, str, str]
# By role, each grant's cells with what used it.
Rows = Mapping[str, Mapping[Cells, Sequence[str]]]


class Line(NamedTuple):
    """What all actions of a line share. when: what gives it, where not all have it; kept: why, if unused."""

    role: str
    resource: str
    conditions: str
    when: str
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


def grants_in(page: str, *, but: Collection[str]) -> set[tuple[str, ...]]:
    """Return the same of a page, without the lines that end in one of `but`."""
    return {
        (line.role, action, line.resource, line.conditions)
        for line, actions, _ in _lines_in(page)
        if line.when not in but
        for action in actions
    }


def unexplained(page: str) -> list[str]:
    """Return the lines of a page that do not say what they are for."""
    return [f"{line.role} on {line.resource}" for line, _, text in _lines_in(page) if not (text or line.kept)]


def unlabelled(deployments: Sequence[Rows]) -> list[str]:
    """Return what not every deployment has and nothing says when."""
    everything = {(role, cells) for rows in deployments for role in rows for cells in rows[role]}
    return [
        f"{role} may {cells[0]} on {cells[1]}"
        for role, cells in sorted(everything)
        if not (_has_each(deployments, role, cells) or _of(role, cells[0]) in WHEN)
    ]


def tables(deployments: Sequence[Rows], page: str) -> str:
    """Return a table for each role of several deployments; what a line is for stays as it was."""
    texts = {line: text for line, _, text in _lines_in(page)}
    lines = dict[Line, list[str]]()
    for role, cells in sorted({(name, each) for rows in deployments for name in rows for each in rows[name]}):
        lines.setdefault(_line(role, cells, deployments), []).append(cells[0])
    return "\n".join(
        f"## {title}\n" + "".join(_of_role(role, lines, texts) for role in found)
        for title, found in _sections(sorted({line.role for line in lines}))
    )


def _sections(roles: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return the roles of functions, which are in lower case as these are, and the others."""
    return [
        ("Functions", [role for role in roles if role.islower()]),
        ("Other roles", [role for role in roles if not role.islower()]),
    ]


def _of_role(role: str, lines: Mapping[Line, Sequence[str]], texts: Mapping[Line, str]) -> str:
    written = (
        _written(line, lines[line], texts.get(line, "")) for line in sorted(lines) if line.role == role
    )
    return f"\n### {role}\n\n{_HEADINGS}{''.join(written)}"


def written(page: str, generated: str) -> str:
    """Return the page with the generated part replaced."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{generated}\n{_END}{after}"


def _line(role: str, cells: Cells, deployments: Sequence[Rows]) -> Line:
    action, resource, conditions = cells
    when = "" if _has_each(deployments, role, cells) else WHEN.get(_of(role, action), "")
    is_used = any(rows.get(role, {}).get(cells) for rows in deployments)
    kept = "" if is_used else KEPT.get(_of(role, action), "")
    return Line(role, resource, conditions, when, kept)


def _has_each(deployments: Sequence[Rows], role: str, cells: Cells) -> bool:
    return all(cells in rows.get(role, {}) for rows in deployments)


def _of(role: str, action: str) -> tuple[str, str]:
    """Return by what the hand-written lists know a role's action: without the stack."""
    return role.split("`")[1], action


def _written(line: Line, actions: Sequence[str], text: str) -> str:
    cells = (
        " ".join(f"`{action}`" for action in actions),
        f"`{line.resource}`",
        f"`{line.conditions}`" if line.conditions else "",
        (f"kept: {line.kept}" if line.kept else text) + (f" ({line.when})" if line.when else ""),
    )
    return f"| {' | '.join(cells)} |\n"


def _lines_in(page: str) -> Iterator[tuple[Line, list[str], str]]:
    """Yield a page's lines with their actions, and what they say that these are for."""
    role = ""
    for row in page.partition(_BEGIN)[2].partition(_END)[0].splitlines():
        if row.startswith("### "):
            role = row.removeprefix("### ")
        if not row.startswith("| `"):
            continue
        actions, resource, conditions, last = row.removeprefix("| ").removesuffix(" |").split(" | ")
        when, text = _WHEN.search(last), _WHEN.sub("", last)
        kept = text.removeprefix("kept: ") if text.startswith("kept: ") else ""
        line = Line(role, resource.strip("`"), conditions.strip("`"), when[1] if when else "", kept)
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
    for resource, created in deployed.of_type("AWS::Events::ApiDestination"):
        found[arn_of(created).partition("/")[2]] = plain(resource.logical_id)
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
    text = text.removeprefix("arn:aws:").replace("o-aa111bb222", "ORGANIZATION")
    return text.replace(ANOTHER_TEAM, "ANOTHER")
