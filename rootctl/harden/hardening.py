"""The course of a hardening on demand: what is there, then what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lambdas.domain.accounts import AccountId
from lambdas.domain.event_fields import Fields
from lambdas.domain.hardening.outcome import Reason
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.outcomes import AccountReference
from rootctl.at_once import at_once
from rootctl.errors import Hindered, WrongUsage
from rootctl.exit_codes import Exit, worst
from rootctl.harden.ending import Ending, How, hardened, previewed
from rootctl.hub import FunctionFailed
from rootctl.requests.asking import Answerer, Request, accepted

# Each of them makes some dozen calls; a member account's own IAM quota is what limits it.
_THREADS = 8
_LEFT = Reason("Interrupted", "it was begun, and nobody waited for its end: audit the account")


@dataclass(frozen=True)
class Hardening:
    """Asks for each account; request: what every request says."""

    answer: Answerer
    request: Request

    def preview(self, accounts: Sequence[AccountId]) -> list[Ending]:
        """Say what would be removed; raises what stops the command before anything was changed."""
        harvest = at_once(accounts, self._preview, threads=_THREADS, description="Looking into accounts")
        if harvest.is_interrupted:
            raise KeyboardInterrupt("Nothing was changed.")
        return list(harvest.done.values())

    def harden(self, previews: Iterable[Ending]) -> list[Ending]:
        """Harden the accounts that have something to remove; the others end as they were seen."""
        ended = {preview.account: preview for preview in previews}
        to_do = [account for account, preview in ended.items() if preview.how is How.WOULD_REMOVE]
        harvest = at_once(to_do, self._harden, threads=_THREADS, description="Hardening accounts")
        ended |= harvest.done
        ended |= {account: Ending.without(account, How.UNKNOWN, _LEFT) for account in harvest.left}
        ended |= {account: Ending.without(account, How.NOT_BEGUN) for account in harvest.not_begun}
        return list(ended.values())

    def _preview(self, account_id: AccountId) -> Ending:
        return previewed(accepted(self._ask(account_id, dry_run=True)))

    def _harden(self, account: AccountReference) -> Ending:
        try:
            return hardened(accepted(self._ask(account.account_id, dry_run=False)))
        except CallRefused as refused:
            return Ending.without(account, How.UNKNOWN, Reason(refused.code, refused.message))
        except FunctionFailed as failed:
            return Ending.without(account, How.UNKNOWN, Reason(type(failed).__name__, str(failed)))
        except (WrongUsage, Hindered) as refusal:
            return Ending.without(account, How.SKIPPED, Reason("Refused", str(refusal)))
        except Exception as error:  # noqa: BLE001 - what became of the others must still be told
            return Ending.without(account, How.UNKNOWN, Reason(type(error).__name__, str(error)))

    def _ask(self, account_id: AccountId | None, *, dry_run: bool) -> Fields:
        return self.answer({**self.request, "account": account_id, "dryRun": dry_run})


def exit_of(endings: Iterable[Ending]) -> Exit:
    """Return how the command ends."""
    found = list(endings)
    interrupted = any(ending.how is How.NOT_BEGUN or ending.reason is _LEFT for ending in found)
    return worst([ending.exit for ending in found] + ([Exit.INTERRUPTED] if interrupted else []))
