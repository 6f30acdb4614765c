"""Who gets in with a password (security profiles 1 and 2, OCPP 2.x A00)."""

from harness.ocpp.readings import outcome
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, one_of, still_serves, test_case

REFUSED = one_of(("Refused", "Closed"))
WRONG = b"not-the-password-0"
_BASIC = CSMS.SECURITY_1 | CSMS.SECURITY_2


@test_case(
    "TC_CSMS_Password_001",
    covers=("A00.FR.207", "TC_A_01_CSMS", "TC_A_03_CSMS"),
    pics=_BASIC,
    detects=("csms-asks-no-password", "csms-open-door"),
    lasts=5.0,
)
async def test_a_wrong_password_does_not_get_in(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS lets a station in with its password, and not with another one.

    Given   a station whose password the CSMS knows
    when    it connects with a wrong password, with an empty one, and then with its own
    then    the first two are refused, and the last is served
    """
    for password in (WRONG, b""):
        met = await station.knock(password=password)
        check.that(met, outcome, REFUSED, requirement="TC_A_03_CSMS", advice="Answer the upgrade with HTTP 401.")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    await still_serves(station, check, "wrong passwords")


@test_case(
    "TC_CSMS_Password_002",
    covers=("A00.FR.207", "TC_A_01_CSMS"),
    pics=_BASIC,
    detects="csms-asks-no-password",
    lasts=5.0,
)
async def test_no_password_does_not_get_in(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS refuses a connection without an Authorization header.

    Given   a station whose password the CSMS knows
    when    it connects without any credentials, and then with them
    then    the first connection is refused, and the second is served
    """
    met = await station.knock(basic=False)
    check.that(met, outcome, REFUSED, advice="Answer an upgrade without credentials with HTTP 401.")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    await still_serves(station, check, "a connection without credentials")


@test_case(
    "TC_CSMS_Password_003",
    covers=("A00.FR.207", "TC_A_02_CSMS"),
    pics=_BASIC,
    detects="csms-asks-no-password",
    lasts=5.0,
)
async def test_the_user_is_the_identity(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS refuses a user name that is not the identity in the address.

    Given   a station whose password the CSMS knows
    when    it connects with its password under another user name, and then under its own
    then    the first connection is refused, and the second is served
    """
    met = await station.knock(user="somebody-else")
    check.that(met, outcome, REFUSED, requirement="TC_A_02_CSMS", advice="Compare the user with the end of the path.")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    await still_serves(station, check, "a wrong user name")


@test_case(
    "TC_CSMS_Password_004",
    covers=("OCPP:known-stations", "A00.FR.207"),
    pics=_BASIC,
    detects="csms-open-door",
    lasts=5.0,
)
async def test_an_unknown_station_does_not_get_in(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS refuses a station that nobody has registered.

    Given   a station that the CSMS knows
    when    another one connects with the same password and an identity of its own, and one whose identity is empty
    then    both are refused, and the known station is served
    """
    for identity in (f"NOBODY-{station.new_transaction()}", ""):
        met = await station.knock(identity=identity)
        check.that(met, outcome, REFUSED, advice="Answer an unknown identity with HTTP 404 (or 401).")
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    await still_serves(station, check, "unknown identities")
