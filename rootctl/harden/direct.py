"""Hardening with the operator's own root sessions, by the very decisions of the hub's function."""

import uuid
from collections.abc import Mapping

from lambdas.adapters.organizations import OrganizationsDirectory
from lambdas.domain.clock import utc_now
from lambdas.domain.hardening.account_hardening import AccountHardener
from lambdas.domain.hardening.request import HardeningRequests
from lambdas.domain.hardening.run import HardeningRun
from lambdas.domain.requests import Answer, read_request
from rootctl.accounts import OrganizationAccounts
from rootctl.aws import AwsSession
from rootctl.requests.asking import Answerer, by_this_machine
from rootctl.requests.laptop import NoClaims, NoMemory, NoPostures, tell_nobody
from rootctl.root_access import RootAccess


def direct_hardening(session: AwsSession) -> Answerer:
    """Return what answers requests to harden; raises CallRefused."""
    organization = OrganizationAccounts.of(session)
    directory = OrganizationsDirectory(organization.client)
    sessions = RootAccess(session).sessions()
    hardener = AccountHardener(organization=directory, sessions=sessions, memory=NoMemory(), clock=utc_now)
    requests = HardeningRequests(
        directory=directory,
        management_account_id=organization.management_account_id,
        run=HardeningRun(claims=NoClaims(), hardener=hardener, publish=tell_nobody, postures=NoPostures()),
        look=sessions.audit,
        clock=utc_now,
    )

    def handle(request: Mapping[str, object]) -> Answer:
        return requests.answer(read_request(request), f"rootctl-{uuid.uuid4()}")

    return by_this_machine(handle)
