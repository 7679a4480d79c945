"""A survey of policies for programs."""

import json
from collections.abc import Iterator
from typing import Any

from rootctl.preflight.remedies import remedy
from rootctl.preflight.survey import Survey, SurveyedFinding
from rootctl.terminal.csv_lines import csv_lines


def as_json(survey: Survey) -> str:
    """Return everything, as one document."""
    document = {
        "organizationId": survey.organization.organization_id,
        "serviceControlPoliciesEnabled": survey.are_enabled,
        "accounts": survey.accounts,
        "policies": [
            {
                "id": policy.policy_id,
                "name": policy.name,
                "type": "resource" if policy.is_of_resources else "service",
                "verdict": survey.verdict(policy),
            }
            for policy in survey.policies
        ],
        "findings": [_record(found, survey) for found in survey.findings],
        "notJudged": list(survey.not_judged),
        "takeNoFurtherPolicy": [{"id": target, "name": name} for target, name in survey.full.items()],
    }
    return json.dumps(document, indent=2)


def as_csv(survey: Survey) -> str:
    """Return the findings, one a line; where there are several values, with spaces between."""
    return csv_lines(_CSV, (_cells(_record(found, survey)) for found in survey.findings))


_CSV = (
    "verdict",
    "policies",
    "attachedTo",
    "statement",
    "tasks",
    "credentialKinds",
    "actions",
    "dependsOn",
    "accounts",
    "remedy",
)


def _record(found: SurveyedFinding, survey: Survey) -> dict[str, Any]:
    finding = found.finding
    return {
        "verdict": finding.verdict,
        "policies": [{"id": policy.policy_id, "name": policy.name} for policy in finding.policies],
        "attachedTo": [{"id": target, "name": name} for target, name in found.attached_to.items()],
        "statement": finding.statement.label if finding.statement else None,
        "tasks": [task.name.lower() for task in finding.tasks],
        "credentialKinds": [kind.value for kind in finding.kinds],
        "actions": finding.actions,
        "dependsOn": finding.depends_on,
        "accounts": found.accounts,
        "remedy": remedy(finding, survey.organization.partition),
    }


def _cells(record: dict[str, Any]) -> Iterator[str]:
    ids = {name: [each["id"] for each in record[name]] for name in ("policies", "attachedTo")}
    return (_cell((record | ids)[name]) for name in _CSV)


def _cell(value: Any) -> str:
    return " ".join(value) if isinstance(value, list | tuple) else value or ""
