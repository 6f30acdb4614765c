"""What a CSMS takes before and after a station boots, and what it asks of a new one (OCPP 2.x block B)."""

from harness.ocpp.readings import came, outcome, reading
from harness.vocabulary import (
    CSMS,
    Axis,
    Check,
    CsmsUnderTest,
    TesterStation,
    at_least,
    equals,
    near,
    one_of,
    satisfies,
    still_serves,
    test_case,
)

REASONS = (
    "PowerUp",
    "ApplicationReset",
    "FirmwareUpdate",
    "LocalReset",
    "RemoteReset",
    "ScheduledReset",
    "Triggered",
    "Unknown",
    "Watchdog",
)
INVENTORY = ("GetBaseReport", "GetReport", "GetVariables", "GetConfiguration")
ANSWERED = satisfies("an answer that is no CALLERROR", lambda said: said == "answered")
_TWO = CSMS.OCPP_21 | CSMS.OCPP_201


@test_case(
    "TC_CSMS_Registration_001",
    covers=("B01.FR.10", "TC_B_30_CSMS"),
    pics=_TWO,
    detects=("csms-serves-before-boot", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_nothing_is_taken_before_the_boot(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS refuses what a station says before it has booted.

    Given   a CSMS at which stations have to boot on every connection, and a station that has just connected
    when    it tells a state, asks for a token and begins a transaction without a BootNotification
    then    each is refused with SecurityError; after the boot a heartbeat is answered
    """
    csms.demand_boots()
    await station.connect()
    state = {"timestamp": station.stamp(), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    refused = one_of(("CALLERROR SecurityError", "CALLERROR ProtocolError"))
    for action, payload in (("StatusNotification", state), ("Authorize", {"idToken": csms.token})):
        told = await station.call(action, payload)
        check.that(
            told.outcome, outcome, refused, advice="Take nothing but BootNotification of a station that has not booted."
        )
    begun = await station.event("Started", "CablePluggedIn", 0, station.new_transaction(), evse=1)
    check.that(begun.outcome, outcome, refused)
    await station.boot(within=csms.pixit.boot_time)
    await still_serves(station, check, "requests before the boot")


@test_case(
    "TC_CSMS_Registration_002",
    covers=("B07.FR.14", "TC_B_13_CSMS"),
    detects=("csms-asks-for-no-inventory", "csms-asks-nothing", "csms-rubber-stamp"),
    lasts=10.0,
    axis=Axis.FIELD,
)
async def test_a_new_station_is_asked_what_it_is(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS asks a station that has booted what it is.

    Given   a station that has connected and booted
    when    it has been accepted
    then    within the reaction time the CSMS asks for a report or for variables, and goes on after the answer
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    seen = (await station.watch(csms.pixit.reaction_time)).sent_by("csms").where(lambda each: came(each) in INVENTORY)
    check.that(
        next(iter(seen), None),
        came,
        one_of(INVENTORY),
        axis=Axis.FIELD,
        advice="Who does not know what a station can do asks too much of it, or too little.",
    )
    await still_serves(station, check, "the question")


@test_case(
    "TC_CSMS_Registration_003",
    covers=("TC_B_12_CSMS", "TC_B_13_CSMS"),
    pics=_TWO,
    detects="csms-follows-report-order",
    lasts=10.0,
)
async def test_reports_are_taken_in_any_order(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes the parts of a report in whatever order they come, and twice.

    Given   a booted station
    when    it sends the last part of a report first, then the others, and one of them again
    then    each part is answered with an empty answer
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    data = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
    values = [{**data, "variableAttribute": [{"type": "Actual", "value": "60"}]}]
    for number, continued in ((2, False), (0, True), (1, True), (1, True)):
        part = {
            "requestId": 77,
            "generatedAt": station.stamp(),
            "seqNo": number,
            "tbc": continued,
            "reportData": values,
        }
        told = await station.call("NotifyReport", part)
        check.that(told.outcome, outcome, ANSWERED, advice="Put the parts in order by seqNo; never refuse one.")
    await still_serves(station, check, "a report out of order")


@test_case(
    "TC_CSMS_Registration_004",
    covers=("B01.FR.02", "TC_B_01_CSMS"),
    pics=_TWO,
    detects=("csms-knows-one-boot-reason", "csms-boots-once"),
    lasts=10.0,
)
async def test_a_station_may_boot_for_any_reason(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS accepts a known station whatever made it boot, also again on the same connection.

    Given   a station that has booted
    when    it boots again for each of the reasons that there are
    then    it is accepted each time, with an interval above 0
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for reason in REASONS:
        told = await station.boot(reason, within=csms.pixit.boot_time)
        check.that(told.outcome, outcome, equals("Accepted"), advice=f"A known station may boot for reason {reason}.")
        check.that(told.outcome, reading("interval"), at_least(1, "s"))


@test_case(
    "TC_CSMS_Registration_005",
    covers=("B01.FR.02", "TC_B_01_CSMS"),
    pics=CSMS.OCPP_201,
    detects=("csms-zero-interval", "csms-boots-without-status", "csms-rejects-stations"),
    lasts=2.0,
)
async def test_a_station_of_2_0_1_is_accepted(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS accepts a station that speaks OCPP 2.0.1.

    Given   a station that has connected with OCPP 2.0.1
    when    it sends BootNotification, again as long as the answer is Pending
    then    the answer is Accepted, with the present time and an interval above 0
    """
    await station.connect()
    told = (await station.boot(within=csms.pixit.boot_time)).outcome
    check.that(told, outcome, equals("Accepted"), advice="Look whether this station is registered for 2.0.1.")
    check.that(told, reading("interval"), at_least(1, "s"))
    check.that(told, station.clock_error, near(0.0, "s", tolerance=10.0))
    await still_serves(station, check, "the boot")


@test_case(
    "TC_CSMS_Registration_006",
    covers=("B01.FR.02", "OCPP:payload"),
    pics=CSMS.OCPP_16,
    detects=("csms-zero-interval", "csms-boots-without-status", "csms-rejects-stations"),
    lasts=2.0,
)
async def test_a_charge_point_of_1_6_is_accepted(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS accepts a charge point that speaks OCPP 1.6.

    Given   a charge point that has connected with OCPP 1.6
    when    it sends BootNotification, again as long as the answer is Pending
    then    the answer is Accepted, with the present time and an interval above 0
    """
    await station.connect()
    told = (await station.boot(within=csms.pixit.boot_time)).outcome
    check.that(told, outcome, equals("Accepted"), advice="Look whether this charge point is registered for 1.6.")
    check.that(told, reading("interval"), at_least(1, "s"))
    check.that(told, station.clock_error, near(0.0, "s", tolerance=10.0))
    await still_serves(station, check, "the boot")


@test_case(
    "TC_CSMS_Registration_007",
    covers=("A04.FR.03", "OCPP:every-call-is-answered"),
    detects="csms-mute-security-events",
    lasts=5.0,
)
async def test_security_events_are_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers the security events of a station, known ones and its own.

    Given   a booted station
    when    it tells a security event of the standard's list, and one of its vendor
    then    both are answered with an empty answer
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for kind in ("StartupOfTheDevice", "org.example.LidOpened"):
        told = await station.call("SecurityEventNotification", {"type": kind, "timestamp": station.stamp()})
        check.that(told.outcome, outcome, ANSWERED, advice="Keep what you do not know, and answer.")


@test_case(
    "TC_CSMS_Registration_008",
    covers="TC_P_02_CSMS",
    detects=("csms-knows-every-vendor", "csms-rubber-stamp"),
    lasts=2.0,
)
async def test_data_of_an_unknown_vendor_is_not_accepted(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS does not accept DataTransfer of a vendor that it does not know.

    Given   a booted station
    when    it sends DataTransfer with a vendorId that nobody has
    then    the status is UnknownVendorId, UnknownMessageId or Rejected
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    payload = {"vendorId": f"org.example.{station.new_transaction()}", "messageId": "Ping", "data": "x"}
    told = await station.call("DataTransfer", payload)
    refused = one_of(("UnknownVendorId", "UnknownMessageId", "Rejected"))
    check.that(told.outcome, outcome, refused, advice="Accepted means that it was understood; say UnknownVendorId.")
