"""The pinned CDK command line, run in one account of the local engine."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.local_engine import PROJECT, REGION, LocalEngine

_CDK = PROJECT / "node_modules" / ".bin" / "cdk"


@dataclass(frozen=True)
class CdkRun:
    """How a command ended, and all it printed."""

    succeeded: bool
    output: str


@dataclass(frozen=True)
class CdkCommandLine:
    """`cdk` with its configuration in a file of its own."""

    engine: LocalEngine
    account: str
    configuration: Mapping[str, object]

    def bootstrap(self) -> CdkRun:
        """Prepare the account and Region; outside the project, as nothing needs to be synthesized."""
        return self._run(self.engine.home, "bootstrap", f"aws://{self.account}/{REGION}")

    def deploy(self, *stacks: str) -> CdkRun:
        """Deploy `stacks` and nothing else, or without any all there are."""
        chosen = ["--exclusively", *stacks] if stacks else ["--all"]
        return self._run(PROJECT, "deploy", *chosen, "--require-approval", "never", *self._options())

    def destroy(self) -> CdkRun:
        """Delete every stack of the last deployment, as it was synthesized then."""
        return self._run(PROJECT, "destroy", "--all", "--force", "--app", str(self._assembly))

    @property
    def _assembly(self) -> Path:
        return self.engine.home / f"cdk.out-{self.account}"

    def _options(self) -> list[str]:
        written = self.engine.home / f"rootwarden-{self.account}.yaml"
        written.write_text(json.dumps(dict(self.configuration)), encoding="utf-8")
        return ["--output", str(self._assembly), "-c", f"config={written}"]

    def _run(self, directory: Path, *arguments: str) -> CdkRun:
        completed = subprocess.run(  # noqa: S603 - the CDK command line with this file's arguments
            [_CDK, *arguments, "--no-notices", "--progress", "events"],
            cwd=directory,
            env={**self.engine.environment(self.account), "CDK_DISABLE_CLI_TELEMETRY": "true"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return CdkRun(completed.returncode == 0, completed.stdout)
