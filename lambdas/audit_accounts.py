"""audit_accounts: a batch of accounts → a row each in the sweep's results; enforcing, hardened as well.

A person is answered with the rows instead: what is no sweep leaves no results, and removes nothing.
"""

from rootwarden.aws.function import Caller, Event, entry_point_for, logger, made_once
from rootwarden.aws.sweep_audit import BatchAuditor
from rootwarden.aws.sweep_records import read_accounts
from rootwarden.events import Fields
from rootwarden.sweep.sweep import RowResult, Sweep

_NOT_CLEAN = frozenset({RowResult.EXPOSED, RowResult.PARTIAL, RowResult.UNREACHABLE})


_function = made_once(BatchAuditor.from_environment)


@entry_point_for(Caller.SWEEP, Caller.PERSON)
def handler(event: Event, caller: Caller) -> dict[str, object]:
    """Audit a batch of accounts; return how many have a row, to a person the rows themselves as well."""
    fields = Fields(event)
    sweep = Sweep.from_detail(fields.object("BatchInput"))
    accounts = read_accounts(fields.items("Items"))
    rows = _function().rows(sweep, accounts, caller)
    for row in rows:
        if row.result in _NOT_CLEAN:
            logger.warning("account is not clean", sweep_id=sweep.sweep_id, row=row.to_detail())
    logger.info("accounts audited", sweep_id=sweep.sweep_id, listed=len(accounts), audited=len(rows))
    answer = {"rows": [row.to_detail() for row in rows]} if caller is Caller.PERSON else {}
    return {"audited": len(rows), **answer}
