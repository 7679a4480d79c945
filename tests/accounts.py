"""The small organization that tests operate on and sweep: one account of every kind."""

MANAGEMENT, HUB = "111122223333", "222233334444"
EXPOSED, EXEMPT, SUSPENDED = "444455556666", "555566667777", "666677778888"
CLEAN, MFA_ONLY, REFUSING = "777788889999", "888899990000", "999900001111"
EVERYONE = (MANAGEMENT, HUB, EXPOSED, EXEMPT, SUSPENDED, CLEAN, MFA_ONLY, REFUSING)
# The member account of sample events.
MEMBER = EXPOSED
STRANGER = "123412341234"
UNIT = "ou-ab12-11111111"
REASON = ("--reason", "INC-7: the migration is over")

_YEARS = 10**9
_EVERYTHING = {"password": True, "access_keys": 2, "signing_certificates": 1, "mfa_devices": 1}

ORGANIZATION = {
    "organization_id": "o-aa111bb222",
    "management_account": {"id": MANAGEMENT, "name": "management"},
    "hub": {"account": HUB},
    "accounts": [
        {
            "id": EXPOSED,
            "name": "payments-prod",
            "organizational_unit": UNIT,
            "root": _EVERYTHING,
            "tags": {"owner": "payments"},
        },
        {"id": EXEMPT, "name": "=legacy\x1b[31m-erp", "root": {"password": True, "access_keys": 1}},
        {"id": SUSPENDED, "name": "sandbox-old", "state": "SUSPENDED", "root": {"password": True}},
        {"id": CLEAN, "name": "search-prod", "organizational_unit": UNIT},
        {"id": MFA_ONLY, "name": "search-dev", "root": {"mfa_devices": 1}},
        {"id": REFUSING, "name": "brand-new", "refuses_assume_root_for": _YEARS},
    ],
    "configuration": {
        "forwarding_regions": ["us-east-1"],
        "exemptions": [{"account": EXEMPT, "reason": "Being migrated", "until": "2027-01-31"}],
    },
}
_SLACK = {"workspace_id": "T0123ABCD", "channel_id": "C0123ABCD", "webhook": True}
WITH_EVERY_CHANNEL = {**ORGANIZATION, "slack": _SLACK}
