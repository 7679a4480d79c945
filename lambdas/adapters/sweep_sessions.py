"""Where a sweep's worker takes its root sessions from, all within its share of the request rate."""

import time
from dataclasses import dataclass

from botocore.config import Config

from lambdas.adapters.clients import CONFIG, ONCE, TO_END_WELL
from lambdas.adapters.deadline import DEADLINE
from lambdas.adapters.root_session_clients import limited_sts_client, shared_iam_client
from lambdas.adapters.root_session_pool import RootSessionPool
from lambdas.adapters.session_register import SessionRecords
from lambdas.domain.sweep_rate import RateLimiter

# For how long turns that nobody took are kept: briefly, for every worker that begins takes them at once.
_SECONDS_KEPT = 0.05


@dataclass(frozen=True)
class SweepSessions:
    """audits: refused at the first try, for an audit is tried again as a whole. hardening: patient."""

    audits: RootSessionPool
    hardening: RootSessionPool


def sweep_sessions(threads: int, requests_per_second: float, register: SessionRecords) -> SweepSessions:
    """Return both, for so many threads, which take turns together."""
    limiter = RateLimiter(
        requests_per_second,
        clock=time.monotonic,
        sleep=time.sleep,
        burst=max(1, int(requests_per_second * _SECONDS_KEPT)),
    )

    def pool(config: Config) -> RootSessionPool:
        return RootSessionPool(
            sts=limited_sts_client(threads, limiter, config=config),
            iam=shared_iam_client(threads, config=config),
            register=register,
        )

    sessions = SweepSessions(audits=pool(ONCE), hardening=pool(CONFIG))
    for client in (sessions.hardening.sts, sessions.hardening.iam):
        DEADLINE.bind(client, CONFIG, reserve=TO_END_WELL)
    return sessions
