from collections.abc import Callable
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.organization import Organization, organization_from
from local.scenarios.sweeping import Sweeping
from tests.wiring.sweep.accounts import CLEAN, EXEMPT, EXPOSED, HUB, MANAGEMENT, MFA_ONLY, REFUSING, SUSPENDED

_YEARS = 10**9


@pytest.fixture(scope="package")
def organization() -> Organization:
    """One account of every kind; sweeps may enforce, and tell Security Hub."""
    everything = {"password": True, "access_keys": 2, "signing_certificates": 1, "mfa_devices": 1}
    document = {
        "organization_id": "o-aa111bb222",
        "management_account": {"id": MANAGEMENT, "name": "management"},
        "hub": {"account": HUB},
        "accounts": [
            {"id": EXPOSED, "name": "payments-prod", "root": everything},
            {"id": EXEMPT, "name": "legacy-erp", "root": {"password": True, "access_keys": 1}},
            {"id": SUSPENDED, "name": "sandbox-old", "state": "SUSPENDED", "root": {"password": True}},
            {"id": CLEAN, "name": "search-prod"},
            {"id": MFA_ONLY, "name": "search-dev", "root": {"mfa_devices": 1}},
            {"id": REFUSING, "name": "brand-new", "refuses_assume_root_for": _YEARS},
        ],
        "exemptions": [],
        "configuration": {
            "forwarding_regions": ["us-east-1", "eu-west-1"],
            # An account's turn would depend on the tests before; tests/wiring/coverage proves what probes do.
            "coverage": {"other_regions": "never"},
            "sweep": {"mode": "enforce", "batch_size": 2, "security_hub": True},
            "exemptions": [{"account": EXEMPT, "reason": "Being migrated", "until": "2027-01-31"}],
        },
    }
    return organization_from(document)


@pytest.fixture(scope="package")
def assembly(organization: Organization, assembly_of: Callable[[Organization], Path]) -> Path:
    return assembly_of(organization)


@pytest.fixture
def sweeping(aws: LocalAws) -> Sweeping:
    aws.state_machines.on_progress = lambda _: None
    return Sweeping(aws)
