"""`rootctl init` on the embedded AWS: what it writes can be deployed, and nothing is replaced unasked."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from aws_cdk.region_info import RegionInfo
from botocore.stub import Stubber

from local.aws import LocalAws
from rootctl.aws import AwsSession
from rootctl.errors import WrongUsage
from rootctl.setting_up.questions import REGION, hub
from rootwarden.accounts import Account, AccountState
from rootwarden.events import AccountId
from stacks.configuration.reading import read_configuration
from stacks.configuration.source import read_file
from tests.accounts import CLEAN, HUB, MANAGEMENT, STRANGER, SUSPENDED, UNIT
from tests.rootctl.conftest import run

pytestmark = pytest.mark.usefixtures("aws", "directory")
_FILE = Path("rootwarden.yaml")
_GIVEN = ("--yes", "--email", "security@example.com")
_WEBHOOK = "arn:aws:secretsmanager:us-east-1:222233334444:secret:slack-AbCdEf"


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_looked_up_ids_and_defaults_are_a_configuration() -> None:
    # When nobody is asked
    result = run("init", *_GIVEN)
    # Then what is written can be deployed: the hub is the account that is registered for IAM
    assert result.exit_code == 0, result.output
    block: Any = read_file(_FILE)
    configuration = read_configuration({"rootwarden": block})
    assert configuration.management_account_id == MANAGEMENT
    assert configuration.organization_id == "o-aa111bb222"
    assert configuration.organization_root_id == "r-ab12"
    assert configuration.hub_account_id == HUB
    assert configuration.alert_emails == ("security@example.com",)
    assert configuration.control_tower_home_region is None
    # And its first line is for editors, units are named beside the keys that take them
    text = _FILE.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=docs/configuration.schema.json\n")
    assert f"#   {UNIT}  " in text
    # And the next step is said
    assert "make synth" in result.stdout
    assert "make deploy HUB_PROFILE=... MANAGEMENT_PROFILE=..." in result.stdout
    assert "move it" not in result.stdout


def test_a_file_elsewhere_is_to_be_moved_to_where_it_is_read() -> None:
    result = run("init", *_GIVEN, "--to", "trial.yaml")

    assert "move it to rootwarden.yaml" in result.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("--hub-region", "il-central-1"),
        ("--sweep-schedule", "cron(30 4 * * ? *)"),
        ("--slack-webhook", _WEBHOOK),
        ("--slack-workspace", "T" + "A" * 254, "--slack-channel", "G" + "A" * 254),
        ("--control-tower", "ap-south-2"),
        ("--email", "umlaut-ü@example.com"),
    ],
    ids=lambda options: options[0],
)
def test_what_is_taken_can_be_synthesized(options: tuple[str, ...]) -> None:
    result = run("init", *_GIVEN, *options)

    assert result.exit_code == 0, result.output
    block: Any = read_file(_FILE)
    read_configuration({"rootwarden": block})


def test_regions_are_those_that_synthesizing_takes() -> None:
    of_cdk = {each.name for each in RegionInfo.regions if each.partition == "aws"}
    for region in (*of_cdk, "us-gov-west-1", "eu-isoe-west-1", "us-east-9"):
        try:
            REGION.check(region)
        except WrongUsage:
            assert region not in of_cdk
        else:
            assert region in of_cdk


def test_the_default_region_is_the_one_that_the_help_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert run("init", *_GIVEN).exit_code == 0
    block: Any = read_file(_FILE)
    assert block["hub_region"] == "eu-central-1"
    help_text = " ".join(run("init", "--help").stdout.replace("│", " ").split())
    assert "[default: --region, else the profile's or the environment's, else us-east-1]" in help_text


def test_what_is_typed_and_given_by_options_is_written() -> None:
    answers = [
        "management",
        "eu-west-1",
        "nobody",
        "a@example.com, b@example.com",
        "T012AB3C4D",
        "C012AB3C4D",
        "",
        "rate(4 hours)",
        "48",
    ]
    result = run("init", "--sweep-mode", "enforce", answers="\n".join(answers))
    # Then a wrong answer was asked again
    assert "takes e-mail addresses, found 'nobody'" in result.stderr
    assert result.exit_code == 0, result.output
    block: Any = read_file(_FILE)
    configuration = read_configuration({"rootwarden": block})
    assert (configuration.hub_account_id, configuration.hub_region) == (MANAGEMENT, "eu-west-1")
    assert configuration.alert_emails == ("a@example.com", "b@example.com")
    assert (configuration.slack.workspace_id, configuration.slack.channel_id) == ("T012AB3C4D", "C012AB3C4D")
    assert (configuration.sweep.schedule, configuration.sweep.mode) == ("rate(4 hours)", "enforce")
    assert configuration.recovery.max_hours == 48
    assert "make deploy\n" in result.stdout


@pytest.mark.parametrize(
    ("options", "answers", "code", "said"),
    [
        (_GIVEN, None, 2, "rootwarden.yaml is there already, and was left as it is: add --replace"),
        ((), "n\n", 1, "rootwarden.yaml was left as it is"),
        ((), None, 2, "There is no terminal to ask on: add --yes"),
    ],
)
def test_file_that_is_there_is_replaced_only_by_agreement(
    options: tuple[str, ...], answers: str | None, code: int, said: str
) -> None:
    _FILE.write_text("mine", encoding="utf-8")
    result = run("init", *options, answers=answers)
    assert (result.exit_code, said in result.stderr) == (code, True), result.output
    assert _FILE.read_text(encoding="utf-8") == "mine"
    assert run("init", *_GIVEN, "--replace").exit_code == 0
    assert _FILE.read_text(encoding="utf-8") != "mine"


@pytest.mark.parametrize("name", ["typo/rootwarden.yaml", "typo/" + "x" * 300])
def test_a_directory_that_there_is_not_is_named_before_anything_is_asked(name: str) -> None:
    result = run("init", "--to", name, answers="")

    assert result.exit_code == 2
    assert result.stderr == "rootctl: There is no directory typo: make it, or name another file with --to.\n"
    assert not Path("typo").exists()


@pytest.mark.parametrize("name", ["x" * 300, "there/" + "x" * 300])
def test_a_name_no_file_can_have_is_one_line(name: str) -> None:
    Path("there").mkdir()
    result = run("init", *_GIVEN, "--to", name)

    assert result.exit_code == 1
    assert (
        result.stderr
        == f"rootctl: {name} cannot be written: File name too long. Name another file with --to.\n"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--yes",), "There is no default for --email: add it."),
        ((*_GIVEN, "--hub", "nowhere"), "--hub: No account of the organization is named 'nowhere'"),
        ((*_GIVEN, "--hub", STRANGER), f"--hub: {STRANGER} is not in the organization: check it, and --pro"),
        ((*_GIVEN, "--hub", "1234-1234-1234"), f"--hub: {STRANGER} is not in the organization: check it"),
        ((*_GIVEN, "--hub", "Sandbox-Old"), f"--hub: {SUSPENDED} is SUSPENDED: takes an account that is"),
        (
            (*_GIVEN, "--hub-region", "mars"),
            "--hub-region: takes a Region of the aws partition, such as us-east-1, found 'mars'.",
        ),
        ((*_GIVEN, "--hub-region", "us-east-9"), "--hub-region: takes a Region of the aws partition"),
        ((*_GIVEN, "--control-tower", "eu-west-7"), "--control-tower: takes a Region of the aws partition"),
        ((*_GIVEN, "--sweep-schedule", "daily"), "--sweep-schedule: takes rate(1 hour) to rate(4 days), or"),
        ((*_GIVEN, "--sweep-schedule", "rate(5 days)"), "--sweep-schedule: takes rate(1 hour) to rate(4"),
        (
            (*_GIVEN, "--hub-region", "eu-west-1", "--slack-webhook", _WEBHOOK),
            "--slack-webhook: takes the ARN of a Secrets Manager secret in eu-west-1 that holds the",
        ),
        (
            (*_GIVEN, "--slack-webhook", "arn:aws:secretsmanager:us-east-1:222233334444:parameter:hook"),
            "--slack-webhook: takes the ARN of a Secrets Manager secret in us-east-1",
        ),
        (
            (*_GIVEN, *(f"--email={number:040}@example.com" for number in range(40))),
            "--email: takes addresses of at most 1536 bytes in all, found",
        ),
        ((*_GIVEN, "--slack-channel", "C012AB3C4D"), "--slack-workspace and --slack-channel go together"),
    ],
)
def test_answer_that_is_missing_or_wrong_is_named_and_nothing_written(
    options: tuple[str, ...], said: str
) -> None:
    result = run("init", *options)
    assert (result.exit_code, said in result.stderr) == (2, True), result.output
    assert not _FILE.exists()


def test_a_hub_whose_name_two_accounts_have_is_asked_for_by_their_ids() -> None:
    accounts = [
        Account(account_id=AccountId(each), name="security", state=AccountState.ACTIVE)
        for each in (HUB, CLEAN)
    ]
    facts: Any = SimpleNamespace(accounts=accounts, administrators=None)

    with pytest.raises(WrongUsage, match=f"say which by its id: {HUB}, {CLEAN}"):
        hub(facts).check("Security")


def test_file_that_cannot_be_written_is_named() -> None:
    Path("taken").mkdir()
    result = run("init", *_GIVEN, "--to", "taken", "--replace")
    assert result.exit_code == 1
    assert "taken cannot be written: " in result.stderr


def test_input_that_ends_too_soon_writes_nothing() -> None:
    result = run("init", answers="security\n")
    assert (result.exit_code, _FILE.exists()) == (1, False)
    assert "Nothing was written" in result.stderr


def test_what_aws_does_not_say_is_not_taken_for_nothing(aws: LocalAws) -> None:
    aws.extensions.faults.fail("ListAWSServiceAccessForOrganization", "AccessDeniedException", times=None)
    result = run("init", *_GIVEN)
    assert result.exit_code == 0, result.output
    text = _FILE.read_text(encoding="utf-8")
    assert "# It is not known whether there is a Control Tower: AccessDeniedException" in text
    assert "\ncontrol_tower_home_region" not in text


def test_names_of_strangers_stay_in_their_comments(aws: LocalAws) -> None:
    organizations = _organizations(aws)
    organizations.update_organizational_unit(OrganizationalUnitId=UNIT, Name="prod\nsweep: {mode: enforce}")
    assert run("init", *_GIVEN).exit_code == 0
    block: Any = read_file(_FILE)
    assert read_configuration({"rootwarden": block}).sweep.mode == "observe"


def test_home_region_is_asked_of_the_regions_where_control_tower_is_trusted(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    organizations = _organizations(aws)
    organizations.enable_aws_service_access(ServicePrincipal="controltower.amazonaws.com")
    begun = AwsSession.client
    zone = {"arn": f"arn:aws:controltower:eu-central-1:{MANAGEMENT}:landingzone/1A2B3C"}

    def client(session: AwsSession, service: str, *, region: str | None = None, **options: Any) -> Any:
        made = begun(session, service, region=region, **options)
        if service == "controltower":
            stub = Stubber(made)
            # A page may be empty although another follows.
            stub.add_response("list_landing_zones", {"landingZones": [], "nextToken": "more"})
            found = region == "eu-central-1"
            stub.add_response("list_landing_zones", {"landingZones": [zone] if found else []})
            manifest = {"governedRegions": ["eu-west-1", "eu-central-1"]}
            landing_zone = {"manifest": manifest, "version": "3.3"}
            stub.add_response(
                "get_landing_zone", {"landingZone": landing_zone}, {"landingZoneIdentifier": zone["arn"]}
            )
            stub.activate()
        return made

    monkeypatch.setattr(AwsSession, "client", client)
    assert run("init", *_GIVEN).exit_code == 0
    block: Any = read_file(_FILE)
    configuration = read_configuration({"rootwarden": block})
    assert configuration.control_tower_home_region == "eu-central-1"
    assert configuration.forwarding_regions == ("eu-central-1", "eu-west-1", "us-east-1")


def _organizations(aws: LocalAws) -> Any:
    client: Any = boto3.client  # boto3-stubs wants every option by name
    return client("organizations", **aws.extensions.administrator(MANAGEMENT).for_boto3())
