"""Whether a first sweep can find anything yet: the hub is deployed before the organization's stack."""

from collections.abc import Mapping

from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.report.checks import FEATURES

# What AWS answers a hub that nothing has been switched on for.
_NOT_THERE: Mapping[str, str] = {
    "AccessDenied": "the hub may not ask yet",
    "AccessDeniedException": "the hub may not ask yet",
    "AccountNotManagementOrDelegatedAdministratorException": "the hub is not the delegated administrator yet",
    "ServiceAccessNotEnabledException": "IAM has no trusted access yet",
}


def why_too_early(features: frozenset[str] | CallRefused) -> str | None:
    """Say why the organization's stack is not there yet; None where it is.

    Ask only before the first report: later the same answer is a finding. Raises any other refusal.
    """
    if isinstance(features, CallRefused):
        if features.code not in _NOT_THERE:
            raise features
        return f"{_NOT_THERE[features.code]} ({features})"
    off = [name for name in FEATURES.values() if name not in features]
    return f"{' and '.join(off)} not switched on yet" if off else None
