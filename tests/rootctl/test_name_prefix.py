"""A deployment with a name prefix and a role path: found by rootctl, watching itself by its own names."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.organization import Organization
from rootwarden.activity.watch import Watch
from rootwarden.events import AccountId
from tests.accounts import EXPOSED, HUB, MANAGEMENT, REASON
from tests.rootctl.conftest import operate, run
from tests.stage import Stage
from tests.wiring.test_watch import findings_of_deletions

pytestmark = pytest.mark.long

_PREFIX = "second"


@pytest.fixture
def second(
    stage: Stage,
    operated: Organization,
    assembly_of: Callable[[Organization], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> LocalAws:
    """The organization with a second deployment, all of whose roles have a path."""
    names = {"name_prefix": _PREFIX, "role_path": "/security/"}
    organization = replace(operated, configuration={**operated.configuration, **names})
    aws = stage.clean(organization, assembly_of(organization))
    operate(aws, monkeypatch)
    return aws


def test_it_is_found_and_hardens_and_knows_its_own_sessions(
    second: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the prefix there is no hub, and the line says how to name one
    missed = run("harden", EXPOSED, "--via-hub", "--yes", *REASON)
    assert missed.exit_code == 1
    assert "There is no stack RootWardenHub " in missed.stderr
    assert "--name-prefix" in missed.stderr
    # With it, by option or environment, the functions do their work
    monkeypatch.setenv("ROOTCTL_NAME_PREFIX", _PREFIX)
    audited = run("audit", EXPOSED, "--via-hub", "--output", "csv")
    assert (audited.exit_code, "exposed" in audited.stdout) == (3, True), audited.output
    monkeypatch.delenv("ROOTCTL_NAME_PREFIX")
    done = run("harden", EXPOSED, "--via-hub", "--yes", *REASON, "--name-prefix", _PREFIX)
    assert "hardened" in done.stdout, done.output
    # And no session of its own is taken for a stranger's, though its roles have a path
    second.run_until_idle()
    assert [each for each in second.outcomes if each["detail-type"] == "Root Activity Alert"] == []


def test_every_resource_is_watched_by_the_name_it_was_given(second: LocalAws) -> None:
    watch = Watch(
        management_account_id=AccountId(MANAGEMENT), hub_account_id=AccountId(HUB), name_prefix=_PREFIX
    )
    for finding in findings_of_deletions(second, watch, _PREFIX):
        # The command that puts it back names this deployment's stacks
        assert _PREFIX in (finding.put_back or "")
