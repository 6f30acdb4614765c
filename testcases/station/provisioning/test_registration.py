"""What a station does while the CSMS has not accepted it, and until the CSMS answers at all (OCPP 2.x B01 to B03)."""

from datetime import timedelta
from itertools import pairwise

from harness.ocpp.readings import outcome, reading, request, told_at
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Observation,
    StationUnderTest,
    equals,
    inside,
    one_of,
    test_case,
)

_BOOT = "BootNotification"
_WAIT = "Hold everything else back until the interval of the answer is over, and boot again then."
INTERVAL = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}


def action(seen: Observation) -> str | None:
    """The action of a request."""
    return seen.message.action if request(seen) is not None else None


async def power_up(csms: Csms, station: StationUnderTest) -> Observation:
    """Switch the station off and on; its first BootNotification."""
    cycled = await station.power_cycle()
    return await csms.expect(_BOOT, within=station.pixit.boot_time, after=cycled.number)


@test_case(
    "TC_STATION_Boot_003",
    covers=("B03.FR.02", "B03.FR.06", "B02.FR.04", "TC_B_03_CS"),
    needs="power_cycle",
    detects=("station-boots-too-often", "station-impatient"),
    lasts=40.0,
)
async def test_a_rejected_station_is_silent_until_its_interval_is_over(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station that is rejected says nothing for the interval that it is given, and boots again then.

    Given   a CSMS that answers BootNotification with Rejected and an interval of 10 s
    when    the station is switched off and on again
    then    it sends nothing for 10 s after that answer, and then the next BootNotification
    """
    await station.ready()
    csms.policy = csms.policy.replace(boot_status="Rejected", boot_interval=10)
    booted = await power_up(csms, station)
    again = await csms.expect(_BOOT, within=10.0 + station.pixit.connect_time, after=booted.number)
    pause = again.at - booted.at
    waited = inside(9.5, 10.0 + station.pixit.connect_time, "s")
    check.holds(waited.holds(pause), expected="the next boot after 10 s", actual=f"after {pause:.1f} s", advice=_WAIT)
    between = [each for each in csms.trace.after(booted.number) if action(each) and each.number < again.number]
    said = ", ".join(each.message.action for each in between)
    check.holds(not between, expected="silence", actual=said, requirement="B03.FR.02", advice=_WAIT)
    csms.policy = csms.policy.replace(boot_status="Accepted")
    last = await csms.expect(_BOOT, within=10.0 + station.pixit.connect_time, after=again.number)
    check.that(last, action, equals(_BOOT), requirement="B03.FR.06", advice="Never give up booting.")


@test_case(
    "TC_STATION_Boot_004",
    covers=("B03.FR.08", "TC_B_30_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs="power_cycle",
    detects=("station-serves-while-rejected", "station-impatient"),
    lasts=30.0,
)
async def test_a_rejected_station_serves_nobody(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station that is rejected refuses requests with SecurityError.

    Given   a station whose BootNotification was answered with Rejected
    when    the CSMS asks it for its inventory, and for a variable
    then    both are answered with CALLERROR SecurityError
    """
    await station.ready()
    csms.policy = csms.policy.replace(boot_status="Rejected", boot_interval=20)
    await power_up(csms, station)
    await station.watch(1.0)
    advice = "A CSMS that has rejected the station is not entitled to anything."
    for name, payload in (
        ("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}),
        ("GetVariables", {"getVariableData": [INTERVAL]}),
    ):
        asked = await csms.call(name, payload)
        check.that(asked.outcome, outcome, equals("CALLERROR SecurityError"), advice=advice)
    csms.policy = csms.policy.replace(boot_status="Accepted")


@test_case(
    "TC_STATION_Boot_005",
    covers=("B02.FR.01", "B02.FR.06", "TC_B_02_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs="power_cycle",
    detects=("station-mute-while-pending", "station-ignores-variables", "station-rubber-stamp"),
    lasts=30.0,
)
async def test_a_pending_station_can_be_set_up(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station that is pending lets itself be read, set and asked for reports.

    Given   a station whose BootNotification was answered with Pending
    when    the CSMS writes a variable, reads it, and asks for a report of it
    then    all three are answered, and NotifyReport comes
    """
    await station.ready()
    csms.policy = csms.policy.replace(boot_status="Pending", boot_interval=30)
    await power_up(csms, station)
    await station.watch(1.0)
    before = await csms.get_variable("OCPPCommCtrlr", "HeartbeatInterval")
    await csms.set_variable("OCPPCommCtrlr", "HeartbeatInterval", 97)
    value = await csms.get_variable("OCPPCommCtrlr", "HeartbeatInterval")
    advice = "Pending is the time to be set up: serve SetVariables, GetVariables and reports."
    check.holds(value == "97", expected="the value that was written", actual=f"{value}", advice=advice)
    asked = await csms.call("GetReport", {"requestId": 4711, "componentVariable": [INTERVAL]})
    check.that(asked.outcome, outcome, equals("Accepted"), advice=advice)
    told = await csms.expect("NotifyReport", within=station.pixit.answer_time, requestId=4711)
    check.that(told, action, equals("NotifyReport"), requirement="TC_B_02_CS", advice=advice)
    await csms.set_variable("OCPPCommCtrlr", "HeartbeatInterval", before or round(station.pixit.heartbeat_interval))
    csms.policy = csms.policy.replace(boot_status="Accepted")


@test_case(
    "TC_STATION_Boot_006",
    covers=("B01.FR.03", "B01.FR.08"),
    needs="power_cycle",
    detects=("station-gives-up-booting",),
    lasts=240.0,
)
async def test_a_boot_that_nobody_answers_is_repeated(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station boots again when its BootNotification gets no answer, or a CALLERROR, and says nothing else before.

    Given   a CSMS that leaves one BootNotification without an answer, and refuses the next with InternalError
    when    the station is switched off and on again
    then    it sends a second and a third BootNotification, and nothing else between them
    """
    patience = 3 * station.pixit.boot_time
    await station.ready()
    for policy in (csms.policy.silent_on(_BOOT, first=1), csms.policy.refusing(_BOOT, first=1)):
        csms.policy = policy
        booted = await power_up(csms, station)
        again = await csms.expect(_BOOT, within=patience, after=booted.number)
        advice = "Retry after a timeout and after a CALLERROR: without registration the station is of no use."
        check.that(again, action, equals(_BOOT), advice=advice)
        between = [each for each in csms.trace.after(booted.number) if action(each) and each.number < again.number]
        names = ", ".join(each.message.action for each in between)
        check.holds(not between, expected="nothing else", actual=names, requirement="B01.FR.08", advice=_WAIT)


@test_case(
    "TC_STATION_Boot_007",
    covers=("B02.FR.07", "B03.FR.05"),
    needs="power_cycle",
    detects=("station-boots-too-often",),
    lasts=120.0,
)
async def test_an_interval_of_zero_is_no_storm(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station chooses a sensible interval of its own when it is rejected without one.

    Given   a CSMS that answers BootNotification with Rejected and an interval of 0
    when    the station is switched off and on again
    then    no two of its BootNotifications in the next minute are less than 5 s apart
    """
    await station.ready()
    csms.policy = csms.policy.replace(boot_status="Rejected", boot_interval=0)
    booted = await power_up(csms, station)
    await station.watch(60.0)
    boots = [booted, *(each for each in csms.trace.after(booted.number) if action(each) == _BOOT)]
    pauses = [later.at - earlier.at for earlier, later in pairwise(boots)]
    soonest = min(pauses, default=60.0)
    advice = "Choose an interval that does not flood the CSMS, such as 30 s or more."
    check.holds(soonest >= 5.0, expected="5 s or more between boots", actual=f"{soonest:.1f} s", advice=advice)
    csms.policy = csms.policy.replace(boot_status="Accepted")


@test_case(
    "TC_STATION_Boot_008",
    covers=("B01.FR.06", "G02.FR.06"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("power_cycle", "plug", "unplug"),
    detects=("station-own-clock",),
    lasts=60.0,
)
async def test_the_clock_is_set_by_the_csms(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station sets its clock by the time in the answer to BootNotification and Heartbeat.

    Given   a station whose clock is set by heartbeats
    when    the CSMS tells a time that is an hour ahead at boot, and an EV is plugged in
    then    the station stamps what it tells with that time
    """
    await station.ready()
    await csms.prepare("ClockCtrlr", "TimeSource", "Heartbeat")
    ahead = f"{csms.clock.wall() + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    csms.policy = csms.policy.answering(_BOOT, currentTime=ahead).answering("Heartbeat", currentTime=ahead)
    await power_up(csms, station)
    await station.watch(5.0)
    plugged = await station.plug_in()
    await station.watch(station.pixit.answer_time)
    told = [stamp for each in csms.trace.after(plugged.number) if (stamp := told_at(each)) is not None]
    off = [abs((stamp - csms.clock.wall()).total_seconds() - 3600.0) for stamp in told]
    advice = "Take currentTime as it is: the CSMS is the station's clock."
    check.holds(bool(off), expected="a message with a time stamp", actual="none", advice="Tell that an EV came.")
    check.holds(max(off, default=0.0) < 120.0, expected="times an hour ahead", actual=f"{told[:1]}", advice=advice)
    csms.policy = csms.policy.ordinarily(_BOOT).ordinarily("Heartbeat")
    await station.unplug()
    await csms.trigger("Heartbeat")


@test_case(
    "TC_STATION_Messages_002",
    covers=("OCPP:every-call-is-answered",),
    detects=("station-invents-vendors", "station-rubber-stamp"),
    lasts=2.0,
)
async def test_data_of_an_unknown_vendor_is_not_accepted(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station does not accept a DataTransfer of a vendor that it does not know.

    Given   a station that is connected
    when    the CSMS sends a DataTransfer with a vendorId that nobody has, and one with a messageId and data besides
    then    the answers are UnknownVendorId, or the refusal of the whole message
    """
    await station.ready()
    refusals = one_of(("UnknownVendorId", "CALLERROR NotImplemented", "CALLERROR NotSupported"))
    for payload in (
        {"vendorId": "org.example.nobody"},
        {"vendorId": "org.example.nobody", "messageId": "m", "data": "d"},
    ):
        sent = await csms.call("DataTransfer", payload)
        check.that(sent.outcome, outcome, refusals, advice="Compare vendorId with those that are implemented.")
    triggered = await csms.trigger("Heartbeat")
    check.that(triggered.outcome, reading("status"), equals("Accepted"), advice="Go on serving.")
