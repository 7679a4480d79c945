"""list_accounts: every account of the organization, once, into the sweep's list.

Before the first report it says so where the organization's stack is not there yet.
"""

from dataclasses import replace

from rootwarden.aws.function import Event, entry_point, logger, made_once
from rootwarden.aws.sweep_records import AccountLister
from rootwarden.events import Fields
from rootwarden.sweep.sweep import Sweep

_function = made_once(AccountLister.from_environment)


@entry_point
def handler(event: Event) -> dict[str, object]:
    """List the accounts; return where the list is, or why no sweep is possible yet (`notYet`)."""
    lister, sweep = _function(), Sweep.from_detail(Fields(event))
    sweep = replace(sweep, mode=sweep.mode or lister.settings.sweep_mode)
    if why := lister.why_not_yet():
        logger.warning("no sweep yet", sweep_id=sweep.sweep_id, why=why)
        return {**sweep.to_detail(), "notYet": why}
    count = lister.write(sweep)
    logger.info("accounts listed", sweep_id=sweep.sweep_id, mode=sweep.mode, count=count)
    return {
        **sweep.to_detail(),
        "bucket": lister.settings.bucket_name,
        "accountsKey": sweep.accounts_key,
        "count": count,
    }
