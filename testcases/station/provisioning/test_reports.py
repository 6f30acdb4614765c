"""Reports of the device model: kinds, criteria, instances, places (OCPP 2.x B07, B08)."""

from collections.abc import Mapping
from typing import Any

from harness.ocpp.readings import contexts, outcome, plug_state, reading, request
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, differs, equals, one_of, test_case

_FILTER = "Report what component, variable, instance and EVSE of the request admit; what it leaves open admits all."
ITEMS = {"name": "ItemsPerMessage"}


async def report(csms: Csms, station: StationUnderTest, number: int) -> list[Mapping[str, Any]]:
    """The entries of a report that was asked for, once its last part has come or time is up."""
    for _second in range(60):
        told = [request(seen, "NotifyReport") for seen in csms.trace.sent_by("station")]
        parts = [part for part in told if part is not None and part.get("requestId") == number]
        if parts and not parts[-1].get("tbc"):
            return [entry for part in parts for entry in part.get("reportData", ())]
        await station.watch(0.5)
    return []


def places(entries: list[Mapping[str, Any]]) -> set[tuple[str, str, str, int]]:
    """Component, variable, instance of the variable and EVSE of every entry."""
    return {
        (
            one["component"]["name"],
            one["variable"]["name"],
            one["variable"].get("instance", ""),
            one["component"].get("evse", {}).get("id", 0),
        )
        for one in entries
    }


@test_case(
    "TC_STATION_Reports_002",
    covers=("B07.FR.01", "B07.FR.07", "B07.FR.12", "TC_B_12_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=(
        "station-ignores-questions-for-inventory",
        "station-reports-without-characteristics",
        "station-rubber-stamp",
    ),
    lasts=10.0,
)
async def test_what_can_be_set_is_reported_with_its_characteristics(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reports the variables that can be set, with what they may be.

    Given   a station that is connected
    when    the CSMS asks for the ConfigurationInventory
    then    it is accepted, and every entry has variableCharacteristics, HeartbeatInterval among them
    """
    await station.ready()
    asked = await csms.call("GetBaseReport", {"requestId": 81, "reportBase": "ConfigurationInventory"})
    check.that(asked.outcome, outcome, equals("Accepted"), advice="This kind of report is mandatory.")
    entries = await report(csms, station, 81)
    names = {one["variable"]["name"] for one in entries}
    there = "HeartbeatInterval" in names
    check.holds(there, expected="HeartbeatInterval in it", actual=f"{len(names)} names", requirement="B07.FR.07")
    bare = [one["variable"]["name"] for one in entries if "variableCharacteristics" not in one]
    check.holds(
        not bare,
        expected="variableCharacteristics with every variable",
        actual=f"none with {bare[:3]}",
        requirement="B07.FR.07",
        advice="Tell data type, limits and lists with every variable: a CSMS builds its forms from them.",
    )


@test_case(
    "TC_STATION_Reports_003",
    covers=("B07.FR.09", "B07.FR.02", "TC_B_14_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-questions-for-inventory", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_a_summary_tells_what_is_available(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports availability and problems in a summary, or says that it makes none.

    Given   a station that is connected
    when    the CSMS asks for the SummaryInventory
    then    it is NotSupported, or a report follows in which AvailabilityState is
    """
    await station.ready()
    asked = await csms.call("GetBaseReport", {"requestId": 82, "reportBase": "SummaryInventory"})
    check.that(asked.outcome, outcome, one_of(("Accepted", "NotSupported")), advice="Say which it is.")
    names = {one["variable"]["name"] for one in await report(csms, station, 82)}
    told = asked.status == "NotSupported" or "AvailabilityState" in names
    advice = "A summary has AvailabilityState of station, EVSEs and connectors."
    check.holds(told, expected="AvailabilityState in it", actual=f"{sorted(names)[:5]}", advice=advice)


@test_case(
    "TC_STATION_Reports_004",
    covers=("B08.FR.05", "B08.FR.08", "B08.FR.12", "TC_B_18_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-reports-everything", "station-ignores-questions-for-variables", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_criteria_and_variables_both_narrow_a_report(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports what both a criterion and a component admit.

    Given   a station that is connected
    when    the CSMS asks for the components that are available, of those called EVSE
    then    the report has variables of EVSEs, and of nothing else
    """
    await station.ready()
    asked = await csms.call(
        "GetReport",
        {"requestId": 83, "componentCriteria": ["Available"], "componentVariable": [{"component": {"name": "EVSE"}}]},
    )
    check.that(asked.outcome, outcome, equals("Accepted"), advice="There are EVSEs, and they are available.")
    names = {one["component"]["name"] for one in await report(csms, station, 83)}
    check.holds(names == {"EVSE"}, expected="variables of EVSE alone", actual=str(sorted(names)), advice=_FILTER)


@test_case(
    "TC_STATION_Reports_005",
    covers=("B08.FR.10", "B08.FR.15", "TC_B_16_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-believes-every-criterion", "station-ignores-questions-for-variables", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_components_without_problems_are_not_reported_as_such(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reports components with problems only when they have some.

    Given   a station that is in order
    when    the CSMS asks for the components with a problem, of those called OCPPCommCtrlr
    then    the answer is EmptyResultSet, or NotSupported for the criterion
    """
    await station.ready()
    asked = await csms.call(
        "GetReport",
        {
            "requestId": 84,
            "componentCriteria": ["Problem"],
            "componentVariable": [{"component": {"name": "OCPPCommCtrlr"}}],
        },
    )
    nothing = one_of(("EmptyResultSet", "NotSupported"))
    check.that(asked.outcome, outcome, nothing, advice="Problem admits only components whose Problem is true.")


@test_case(
    "TC_STATION_Reports_006",
    covers=("B08.FR.21", "TC_B_54_CS", "TC_B_55_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-reports-all-instances", "station-ignores-questions-for-variables", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_an_instance_can_be_asked_for(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports all instances of a variable, or the one that is asked for.

    Given   a station that is connected
    when    the CSMS asks for DeviceDataCtrlr.ItemsPerMessage without an instance, and for its instance GetReport
    then    the first report has several instances, the second that one alone
    """
    await station.ready()
    for number, variable in ((85, ITEMS), (86, {**ITEMS, "instance": "GetReport"})):
        wanted = [{"component": {"name": "DeviceDataCtrlr"}, "variable": variable}]
        asked = await csms.call("GetReport", {"requestId": number, "componentVariable": wanted})
        check.that(asked.outcome, outcome, equals("Accepted"), advice="These variables are mandatory.")
    every = {instance for _component, _variable, instance, _evse in places(await report(csms, station, 85))}
    one = {instance for _component, _variable, instance, _evse in places(await report(csms, station, 86))}
    both = {"GetReport", "GetVariables"} <= every
    check.holds(both, expected="GetReport, GetVariables", actual=str(sorted(every)), advice=_FILTER)
    alone = one == {"GetReport"}
    check.holds(alone, expected="GetReport alone", actual=str(sorted(one)), requirement="TC_B_55_CS", advice=_FILTER)


@test_case(
    "TC_STATION_Reports_007",
    covers=("B08.FR.23", "B08.FR.20", "TC_B_56_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-questions-for-variables", "station-reports-everything", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_a_report_without_a_place_is_about_all(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports a variable of every EVSE when none is named.

    Given   a station that is connected
    when    the CSMS asks for EVSE.AvailabilityState without naming an EVSE
    then    the report has it once for each EVSE, and nothing else
    """
    await station.ready()
    wanted = [{"component": {"name": "EVSE"}, "variable": {"name": "AvailabilityState"}}]
    asked = await csms.call("GetReport", {"requestId": 87, "componentVariable": wanted})
    check.that(asked.outcome, outcome, equals("Accepted"), advice="Every EVSE has an AvailabilityState.")
    found = places(await report(csms, station, 87))
    right = {("EVSE", "AvailabilityState", "", number) for number in range(1, station.evses + 1)}
    check.holds(found == right, expected=str(sorted(right)), actual=str(sorted(found))[:300], advice=_FILTER)


@test_case(
    "TC_STATION_Triggers_002",
    covers=("TC_F_15_CS", "TC_F_17_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-triggers", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_the_state_of_transfers_is_told_when_asked(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells that no upload and no update is under way, also where an EVSE is named.

    Given   a station that is idle
    when    the CSMS triggers LogStatusNotification, and FirmwareStatusNotification for EVSE 1
    then    each that the station has is accepted, and tells Idle, or for firmware the end of the last update
    """
    await station.ready()
    rest = one_of(("Idle", "Installed"))
    for message, evse in (("LogStatusNotification", None), ("FirmwareStatusNotification", 1)):
        sent = await csms.trigger(message, evse)
        answers = one_of(("Accepted", "NotImplemented"))  # features C-29.3 and C-29.4, which a station need not have
        check.that(sent.outcome, outcome, answers, advice="An EVSE that means nothing is ignored.")
        if sent.accepted:
            told = await csms.expect(message, within=station.pixit.answer_time)
            check.that(told, reading("status"), rest, advice=f"Send {message} after the answer to the trigger.")


@test_case(
    "TC_STATION_Triggers_003",
    covers=("TC_F_26_CS",),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-triggers", "station-rubber-stamp"),
    lasts=3.0,
)
async def test_an_accepted_station_does_not_boot_on_demand(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station that is accepted refuses to send BootNotification again.

    Given   a station that the CSMS has accepted
    when    the CSMS triggers BootNotification
    then    the answer is Rejected
    """
    await station.ready()
    sent = await csms.trigger("BootNotification")
    check.that(sent.outcome, outcome, equals("Rejected"), advice="It has been accepted and has nothing new to tell.")


@test_case(
    "TC_STATION_Triggers_004",
    covers=("TC_F_27_CS",),
    pics=STATION.OCPP_21,
    detects=("station-ignores-triggers", "station-rubber-stamp"),
    lasts=3.0,
)
async def test_a_custom_trigger_of_nobody_is_not_implemented(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station says that it does not have a trigger that nobody has.

    Given   a station that is connected
    when    the CSMS sends TriggerMessage with CustomTrigger and a name of its own
    then    the answer is NotImplemented, or Rejected
    """
    await station.ready()
    asked = {"requestedMessage": "CustomTrigger", "customTrigger": "TesterMakesCoffee"}
    sent = await csms.call("TriggerMessage", asked)
    unknown = one_of(("NotImplemented", "Rejected"))
    check.that(sent.outcome, outcome, unknown, advice="Look the name up among those that are implemented.")


@test_case(
    "TC_STATION_Triggers_005",
    covers=("TC_F_11_CS", "J01.FR.08"),
    detects=("station-nameless-triggered-values", "station-ignores-triggers", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_values_that_were_asked_for_say_so(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives meter values that are asked for the context Trigger.

    Given   a station that is idle
    when    the CSMS triggers MeterValues of EVSE 1
    then    it is accepted, and MeterValues come for that EVSE, all of context Trigger
    """
    await station.ready()
    sent = await csms.trigger("MeterValues", 1)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Every EVSE has a meter.")
    told = await csms.expect("MeterValues", within=station.pixit.answer_time)
    check.that(told, request, differs(None), advice="Send MeterValues after the answer to the trigger.")
    advice = "The context tells why a value was taken."
    check.that(told, contexts, equals({"Trigger"}), requirement="J01.FR.08", advice=advice)


@test_case(
    "TC_STATION_Triggers_006",
    covers=("TC_F_23_CS", "TC_F_24_CS"),
    pics=STATION.OCPP_16 | STATION.OCPP_201,
    needs=("plug", "unplug"),
    detects=("station-ignores-triggers", "station-silent-states", "station-rubber-stamp"),
    lasts=15.0,
)
async def test_the_state_of_a_connector_is_told_when_asked(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells the state of a connector when it is asked for it.

    Given   a station that is idle, and later one with an EV that is plugged in
    when    the CSMS triggers StatusNotification for the connector
    then    it is accepted, and StatusNotification comes: Available at first, occupied later
    """
    await station.ready()
    await check_state(csms, station, check, "Available")
    await station.plug_in()
    await station.watch(station.pixit.answer_time)
    await check_state(csms, station, check, "Occupied")
    await station.unplug()


async def check_state(csms: Csms, station: StationUnderTest, check: Check, state: str) -> None:
    """The connector is told to be in a state when the CSMS asks for it."""
    sent = await csms.trigger("StatusNotification", 1)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Every connector has a state.")
    told = await csms.expect("StatusNotification", within=station.pixit.answer_time)
    check.that(told, plug_state, equals(state), advice="Send it after the answer to the trigger.")
