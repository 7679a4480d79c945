"""Synthesizes the project's templates for an organization, as `cdk synth` would."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from local.organization import Exemption, Organization, Slack

PROJECT = Path(__file__).resolve().parents[1]
_PARTITION = "arn:aws"
# Functions run from the checkout; no test needs the copies of their packages.
_WITHOUT_COPIES = {"aws:cdk:disable-asset-staging": True}
# CDK holds every template against CloudFormation's schemas, for as long as all the rest takes;
# `make synth` and deployments keep that check, and cdk-nag judges here as well.
_UNVALIDATED = {"CDK_VALIDATION": "false"}


class SynthesisError(RuntimeError):
    """When `app.py` refuses to synthesize; the message is what it printed."""


def synthesize(organization: Organization, output: Path) -> Path:
    """Run app.py for an organization; returns the cloud assembly's directory."""
    output.mkdir(parents=True, exist_ok=True)
    written = output / "rootwarden.yaml"
    written.write_text(json.dumps(configuration_of(organization), ensure_ascii=False), encoding="utf-8")
    project = json.loads((PROJECT / "cdk.json").read_text(encoding="utf-8"))
    context = {**project["context"], **_WITHOUT_COPIES, "config": str(written.resolve())}
    environment = {
        **os.environ,
        **_UNVALIDATED,
        "CDK_OUTDIR": str(output),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }
    completed = subprocess.run(
        [sys.executable, "app.py"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode != 0:
        printed = (completed.stderr.strip() or completed.stdout.strip()).splitlines()
        raise SynthesisError("\n".join(["app.py did not synthesize:", *printed]))
    return output


def configuration_of(organization: Organization) -> dict[str, Any]:
    """Return what rootwarden.yaml would hold for an organization."""
    return {
        "management_account_id": organization.management_account.id,
        "organization_id": organization.organization_id,
        "organization_root_id": organization.root_id,
        "hub_account_id": organization.hub.account,
        "hub_region": organization.hub.region,
        "alert_emails": list(organization.alert_emails),
        "slack": _slack(organization),
        "exemptions": [
            {**_present(each), "until": each.until.isoformat()} for each in organization.exemptions
        ],
        **organization.configuration,
    }


def webhook_secret_arn(organization: Organization) -> str:
    """Return the ARN of the secret that holds the Slack webhook's URL."""
    hub = organization.hub
    return f"{_PARTITION}:secretsmanager:{hub.region}:{hub.account}:secret:slack-webhook-AbCdEf"


def _slack(organization: Organization) -> dict[str, Any]:
    settings = _present(organization.slack)
    if settings.pop("webhook"):
        settings["webhook_secret_arn"] = webhook_secret_arn(organization)
    return settings


def _present(settings: Slack | Exemption) -> dict[str, Any]:
    return {name: value for name, value in asdict(settings).items() if value is not None}
