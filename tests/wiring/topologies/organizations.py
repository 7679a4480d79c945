"""Organizations in which nothing has been switched on yet, for each place the hub can be in."""

from embedded_aws.organizations.organization import Account, Features, RootCredentials
from local.organization import Hub, Organization

MANAGEMENT, HUB, MEMBER = "111122223333", "222233334444", "444455556666"
UNIT = "ou-ab12-11111111"
NOTHING_ON = Features(trusted_access=False, root_credentials_management=False, root_sessions=False)


def organization(
    *, hub: str = HUB, region: str = "us-east-1", features: Features = NOTHING_ON, **configuration: object
) -> Organization:
    """Return an organization; `configuration` is more of what rootwarden.yaml would hold."""
    return Organization(
        organization_id="o-aa111bb222",
        management_account=Account(id=MANAGEMENT, name="management"),
        hub=Hub(account=hub, region=region),
        accounts=(newcomer(MEMBER, "payments-prod"),),
        features=features,
        configuration=configuration,
    )


def newcomer(account: str, name: str = "newcomer") -> Account:
    """Return an account with every kind of root credential."""
    credentials = RootCredentials(password=True, access_keys=2, signing_certificates=1, mfa_devices=1)
    return Account(id=account, name=name, organizational_unit=UNIT, root=credentials)
