"""Monitors on variables: set, reported, raised, cleared (OCPP 2.x block N: N02 to N08)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import (
    STATION,
    CallOutcome,
    Check,
    Csms,
    Inconclusive,
    NotTestable,
    Observation,
    StationUnderTest,
    Trace,
    differs,
    equals,
    test_case,
)

_PICS = (STATION.OCPP_201 | STATION.OCPP_21) & STATION.MONITORING
_RESULTS = "Answer each item, in the order of the request, with the id of the monitor that it made."
_RAISE = "Compare the value with the monitor at every change, and tell the CSMS at once."
_SETTABLE = (
    ("OCPPCommCtrlr", "HeartbeatInterval"),
    ("SampledDataCtrlr", "TxUpdatedInterval"),
    ("AlignedDataCtrlr", "Interval"),
)


@dataclass(frozen=True)
class Dial:
    """A number of the device model that the CSMS can turn, and that can be monitored; `value` as it was found."""

    component: str
    variable: str
    value: int

    @property
    def place(self) -> dict[str, Any]:
        return {"component": {"name": self.component}, "variable": {"name": self.variable}}


async def dial(csms: Csms) -> Dial:
    """A settable number of which the station says that it can be monitored; inconclusive where there is none."""
    number = csms.system.new_request_id()
    asked = [{"component": {"name": one}, "variable": {"name": other}} for one, other in _SETTABLE]
    await csms.call("GetReport", {"requestId": number, "componentVariable": asked})
    await csms.report("NotifyReport", number, within=30.0)
    for each in csms.record.variables.values():
        name = (each.component["name"], each.variable["name"])
        if name in _SETTABLE and each.characteristics.get("supportsMonitoring") and each.value:
            return Dial(*name, int(each.value))
    raise NotTestable("the station names no settable number that can be monitored")


def asked_for(turned: Dial, kind: str, value: float, severity: int = 4, **more: Any) -> dict[str, Any]:
    """An item of SetVariableMonitoring."""
    return {"type": kind, "value": value, "severity": severity, **turned.place, **more}


async def monitor(csms: Csms, *items: Mapping[str, Any]) -> CallOutcome:
    """SetVariableMonitoring."""
    return await csms.call("SetVariableMonitoring", {"setMonitoringData": list(items)})


def results(seen: Observation) -> list[str] | None:
    """The status of each item of an answer."""
    for member in ("setMonitoringResult", "clearMonitoringResult"):
        if isinstance(found := reading(member)(seen), list):
            return [one.get("status") for one in found]
    return None


def ids(sent: CallOutcome, count: int = 1) -> list[int]:
    """The ids that the station gave to so many monitors; inconclusive where it did not make them all."""
    found = [one["id"] for one in (sent.response or {}).get("setMonitoringResult", ()) if "id" in one]
    if len(found) != count:
        raise Inconclusive(f"the station made {len(found)} of {count} monitors: {results(sent.outcome) or sent}")
    return found


def events(seen: Trace, number: int) -> list[tuple[Observation, Mapping[str, Any]]]:
    """The events that a monitor raised, with the frames that told of them."""
    told = [(one, request(one, "NotifyEvent") or {}) for one in seen.sent_by("station")]
    return [
        (one, each)
        for one, content in told
        for each in content.get("eventData", ())
        if each.get("variableMonitoringId") == number
    ]


def whole(value: str) -> str:
    """A number as text without decimals, which say nothing here."""
    return value.partition(".")[0]


async def turn(csms: Csms, station: StationUnderTest, turned: Dial, value: int) -> Trace:
    """The CSMS writes another value; what is seen until the station has had its time to react."""
    begun = len(station.seen)
    await csms.set_variable(turned.component, turned.variable, value)
    await station.watch(station.pixit.reaction_time + 1.0)
    return station.seen.after(begun)


async def reported(csms: Csms, station: StationUnderTest, **criteria: Any) -> tuple[str, list[Mapping[str, Any]]]:
    """GetMonitoringReport: its answer, and the monitors that the report lists."""
    begun, number = len(station.seen), csms.system.new_request_id()
    sent = await csms.call("GetMonitoringReport", {"requestId": number, **criteria})
    await station.watch(station.pixit.reaction_time + 1.0)
    parts = [request(one, "NotifyMonitoringReport") for one in station.seen.after(begun).sent_by("station")]
    mine = [part for part in parts if part is not None and part.get("requestId") == number]
    found = [each for part in mine for one in part.get("monitor", ()) for each in one.get("variableMonitoring", ())]
    return outcome(sent.outcome), found


async def tidy(csms: Csms, turned: Dial | None, numbers: Sequence[int] = ()) -> None:
    """Monitors are cleared, and the number is what it was."""
    if numbers:
        await csms.call("ClearVariableMonitoring", {"id": list(numbers)})
    if turned is not None:
        await csms.set_variable(turned.component, turned.variable, turned.value)


@test_case(
    "TC_STATION_Monitoring_001",
    covers=("TC_N_08_CS", "TC_N_02_CS"),
    pics=_PICS,
    detects=("station-ignores-monitors", "station-reports-all-monitors"),
    lasts=8.0,
)
async def test_a_monitor_is_set_and_reported(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station sets a monitor and reports it when it is asked about the variable.

    Given   a settable number that can be monitored
    when    the CSMS sets an upper threshold on it, asks for the monitors of that variable, and of one without monitors
    then    the result has an id, the first report lists the monitor with its value, the second is an EmptyResultSet
    """
    await station.ready()
    number = await dial(csms)
    sent = await monitor(csms, asked_for(number, "UpperThreshold", number.value + 1000))
    check.that(sent.outcome, results, equals(["Accepted"]), advice=_RESULTS)
    given = [one.get("id") for one in (sent.response or {}).get("setMonitoringResult", ())]
    known = given != [None]
    check.holds(known, expected="an id in the result", actual="none", seen=sent.outcome, advice=_RESULTS)
    answered, found = await reported(csms, station, componentVariable=[number.place])
    right = any(one["id"] in given and one["value"] == number.value + 1000 for one in found)
    said = f"{answered}, monitors {[one['id'] for one in found]}"
    wanted = "the monitor with its id and value"
    check.holds(right, expected=wanted, actual=said, requirement="TC_N_02_CS", advice="Report what was set.")
    elsewhere = {"component": {"name": "ClockCtrlr"}, "variable": {"name": "DateTime"}}
    answered, found = await reported(csms, station, componentVariable=[elsewhere])
    none = answered == "EmptyResultSet" and not found
    check.holds(none, expected="EmptyResultSet", actual=answered, advice="Report what was asked for alone.")
    await tidy(csms, None, [one for one in given if one is not None])


@test_case(
    "TC_STATION_Monitoring_002",
    covers=("TC_N_11_CS", "TC_N_37_CS"),
    pics=_PICS,
    detects=("station-ignores-monitors", "station-rubber-stamp"),
    lasts=4.0,
)
async def test_what_does_not_exist_is_not_monitored(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells unknown components and variables apart when monitors are set on them.

    Given   a station that is connected
    when    the CSMS sets monitors on a variable of an unknown component, and on an unknown variable of a known one
    then    the results are UnknownComponent and UnknownVariable, in the order of the request
    """
    await station.ready()
    nowhere = Dial("TesterCtrlr", "HeartbeatInterval", 0)
    nothing = Dial("OCPPCommCtrlr", "TesterInterval", 0)
    sent = await monitor(csms, asked_for(nowhere, "UpperThreshold", 5), asked_for(nothing, "UpperThreshold", 5))
    check.that(sent.outcome, results, equals(["UnknownComponent", "UnknownVariable"]), advice=_RESULTS)


@test_case(
    "TC_STATION_Monitoring_003",
    covers=("TC_N_15_CS",),
    pics=_PICS,
    detects=("station-ignores-monitors",),
    lasts=6.0,
)
async def test_a_monitor_is_not_set_twice(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a second monitor of the same type and severity on a variable.

    Given   an upper threshold of severity 4 on a number
    when    the CSMS sets another one of that type and severity, without naming the first
    then    the result is Duplicate
    """
    await station.ready()
    number = await dial(csms)
    first = await monitor(csms, asked_for(number, "UpperThreshold", number.value + 1000))
    second = await monitor(csms, asked_for(number, "UpperThreshold", number.value + 2000))
    check.that(second.outcome, results, equals(["Duplicate"]), advice="One monitor for each type and severity.")
    await tidy(csms, None, ids(first))


@test_case(
    "TC_STATION_Monitoring_004",
    covers=("TC_N_20_CS",),
    pics=_PICS,
    detects=("station-silent-alerts", "station-alerts-never-end", "station-nameless-alerts"),
    lasts=12.0,
)
async def test_a_threshold_raises_and_clears_an_alert(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station raises an alert when a value passes its threshold, and clears it when the value is back.

    Given   an upper threshold above the present value of a number
    when    the CSMS writes a value beyond it, and then the former value
    then    NotifyEvent tells the monitor, Alerting and the value; and then the same monitor with cleared
    """
    await station.ready()
    number = await dial(csms)
    (mine,) = ids(await monitor(csms, asked_for(number, "UpperThreshold", number.value + 10)))
    raised = events(await turn(csms, station, number, number.value + 20), mine)
    told = [(each["trigger"], whole(each["actualValue"]), each.get("cleared", False)) for _, each in raised]
    wanted = [("Alerting", str(number.value + 20), False)]
    check.holds(told == wanted, expected=f"one event {wanted[0]}", actual=str(told), advice=_RAISE)
    back = events(await turn(csms, station, number, number.value), mine)
    cleared = [each.get("cleared", False) for _, each in back]
    advice = "Tell with `cleared` that the value is below the threshold again."
    check.holds(cleared == [True], expected="one event with cleared", actual=str(cleared), advice=advice)
    await tidy(csms, number, [mine])


@test_case(
    "TC_STATION_Monitoring_005",
    covers=("TC_N_45_CS", "TC_N_61_CS"),
    pics=_PICS,
    detects=("station-silent-alerts", "station-nameless-alerts"),
    lasts=12.0,
)
async def test_a_delta_raises_an_alert(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station raises an alert when a value has changed by the delta of its monitor, and not for less.

    Given   a delta of 10 on a number
    when    the CSMS writes a value 3 above the present one, and then one 20 above it
    then    there is no event after the first, and one of trigger Delta after the second
    """
    await station.ready()
    number = await dial(csms)
    (mine,) = ids(await monitor(csms, asked_for(number, "Delta", 10)))
    little = events(await turn(csms, station, number, number.value + 3), mine)
    check.holds(not little, expected="no event for a change of 3", actual=f"{len(little)}", advice=_RAISE)
    much = [each["trigger"] for _, each in events(await turn(csms, station, number, number.value + 20), mine)]
    check.holds(much == ["Delta"], expected="one event of trigger Delta", actual=str(much), advice=_RAISE)
    await tidy(csms, number, [mine])


@test_case(
    "TC_STATION_Monitoring_006",
    covers=("TC_N_24_CS",),
    pics=_PICS,
    detects=("station-hasty-monitors", "station-silent-alerts"),
    lasts=40.0,
)
async def test_a_periodic_monitor_speaks_in_its_rhythm(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells the value of a variable as often as a periodic monitor says.

    Given   a station that is connected
    when    the CSMS sets a periodic monitor of 10 s on a number, and waits 35 s
    then    there are three events of trigger Periodic, 10 s apart
    """
    await station.ready()
    number = await dial(csms)
    (mine,) = ids(await monitor(csms, asked_for(number, "Periodic", 10)))
    told = events(await station.watch(35.0), mine)
    kinds = {each["trigger"] for _, each in told}
    check.holds(
        kinds == {"Periodic"}, expected="events of trigger Periodic", actual=str(kinds or "none"), advice=_RAISE
    )
    times = [one.at for one, _ in told]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    slack = station.pixit.reaction_time + 1.0
    steady = len(gaps) >= 2 and all(abs(gap - 10.0) <= slack for gap in gaps)
    said = ", ".join(f"{gap:.1f} s" for gap in gaps) or "no two events"
    check.holds(steady, expected=f"every 10 s ± {slack:g} s", actual=said, advice="`value` is the interval in s.")
    await tidy(csms, None, [mine])


@test_case(
    "TC_STATION_Monitoring_007",
    covers=("TC_N_18_CS", "TC_N_52_CS"),
    pics=_PICS,
    detects=("station-ignores-clearing-monitors",),
    lasts=10.0,
)
async def test_a_cleared_monitor_is_silent(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station clears a monitor, which then raises nothing.

    Given   a delta of 1 on a number
    when    the CSMS clears the monitor, and writes another value
    then    clearing is accepted, and no event of that monitor follows
    """
    await station.ready()
    number = await dial(csms)
    (mine,) = ids(await monitor(csms, asked_for(number, "Delta", 1)))
    cleared = await csms.call("ClearVariableMonitoring", {"id": [mine]})
    check.that(cleared.outcome, results, equals(["Accepted"]), advice="The monitor was set under that id.")
    told = events(await turn(csms, station, number, number.value + 20), mine)
    check.holds(
        not told, expected="no event of the cleared monitor", actual=f"{len(told)}", advice="Forget it at once."
    )
    await tidy(csms, number)


@test_case(
    "TC_STATION_Monitoring_008",
    covers=("TC_N_19_CS",),
    pics=_PICS,
    detects=("station-ignores-clearing-monitors", "station-rubber-stamp"),
    lasts=4.0,
)
async def test_an_unknown_monitor_is_not_cleared(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station says that it has no monitor of the id that it is to clear.

    Given   a station without a monitor of that id
    when    the CSMS clears it
    then    the result is NotFound
    """
    await station.ready()
    cleared = await csms.call("ClearVariableMonitoring", {"id": [987654]})
    check.that(cleared.outcome, results, equals(["NotFound"]), advice="Look the id up.")


@test_case(
    "TC_STATION_Monitoring_009",
    covers=("TC_N_16_CS",),
    pics=_PICS,
    detects=("station-ignores-monitoring-levels", "station-silent-alerts"),
    lasts=10.0,
)
async def test_the_monitoring_level_holds_events_back(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station sends the events of severities up to the monitoring level, and no others.

    Given   a delta of severity 4 and one of severity 7 on a number
    when    the CSMS sets the monitoring level to 5, and writes another value
    then    the level is accepted, the monitor of severity 4 raises an event, and that of severity 7 none
    """
    await station.ready()
    number = await dial(csms)
    grave, slight = ids(await monitor(csms, asked_for(number, "Delta", 1, 4), asked_for(number, "Delta", 1, 7)), 2)
    sent = await csms.call("SetMonitoringLevel", {"severity": 5})
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Levels go from 0 to 9.")
    seen = await turn(csms, station, number, number.value + 20)
    loud, quiet = len(events(seen, grave)), len(events(seen, slight))
    check.holds(loud == 1, expected="one event of severity 4", actual=f"{loud}", advice=_RAISE)
    advice = "Hold back what has a higher severity number than the level."
    check.holds(not quiet, expected="no event of severity 7", actual=f"{quiet}", advice=advice)
    await csms.call("SetMonitoringLevel", {"severity": 9})
    await tidy(csms, number, [grave, slight])


@test_case(
    "TC_STATION_Monitoring_010",
    covers=("TC_N_17_CS",),
    pics=_PICS,
    detects=("station-ignores-monitoring-levels", "station-rubber-stamp"),
    lasts=4.0,
)
async def test_a_level_beyond_nine_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a monitoring level that does not exist.

    Given   a station that is connected
    when    the CSMS sets the monitoring level to 10
    then    the answer is Rejected
    """
    await station.ready()
    sent = await csms.call("SetMonitoringLevel", {"severity": 10})
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Levels go from 0 to 9.")


@test_case(
    "TC_STATION_Monitoring_011",
    covers=("TC_N_40_CS", "TC_N_51_CS"),
    pics=_PICS,
    detects=("station-monitors-anew", "station-silent-alerts"),
    lasts=10.0,
)
async def test_a_monitor_is_replaced_by_its_id(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station replaces a monitor that a request names by its id.

    Given   an upper threshold on a number
    when    the CSMS sets another threshold under the id of the first, and writes a value between the two
    then    the replacement is accepted under the same id, and no event is raised; beyond the new threshold one is
    """
    await station.ready()
    number = await dial(csms)
    (mine,) = ids(await monitor(csms, asked_for(number, "UpperThreshold", number.value + 10)))
    sent = await monitor(csms, asked_for(number, "UpperThreshold", number.value + 40, id=mine))
    check.that(sent.outcome, results, equals(["Accepted"]), advice="An id that is known is replaced.")
    between = events(await turn(csms, station, number, number.value + 20), mine)
    check.holds(not between, expected="no event below the new threshold", actual=f"{len(between)}", advice=_RAISE)
    beyond = events(await turn(csms, station, number, number.value + 60), mine)
    check.holds(len(beyond) == 1, expected="one event of the same id", actual=f"{len(beyond)}", advice=_RAISE)
    await tidy(csms, number, [mine])


@test_case(
    "TC_STATION_Monitoring_012",
    covers=("TC_N_05_CS", "TC_N_06_CS"),
    pics=_PICS,
    detects=("station-ignores-monitoring-bases",),
    lasts=10.0,
)
async def test_a_base_removes_the_monitors_of_the_csms(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station removes the monitors that the CSMS made when it goes back to its hard-wired ones.

    Given   a monitor that the CSMS set
    when    the CSMS sets the monitoring base HardWiredOnly, and asks for all monitors
    then    it is accepted, and the monitor is no longer reported
    """
    await station.ready()
    number = await dial(csms)
    (mine,) = ids(await monitor(csms, asked_for(number, "UpperThreshold", number.value + 1000)))
    sent = await csms.call("SetMonitoringBase", {"monitoringBase": "HardWiredOnly"})
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Every base is supported with monitoring.")
    _, found = await reported(csms, station)
    gone = mine not in [one["id"] for one in found]
    advice = "HardWiredOnly leaves the monitors alone that are built in."
    check.holds(gone, expected="no monitor of the CSMS", actual=f"monitor {mine}", advice=advice)
    await csms.call("SetMonitoringBase", {"monitoringBase": "All"})


@test_case(
    "TC_STATION_Monitoring_013",
    covers=("TC_N_01_CS", "TC_N_03_CS"),
    pics=_PICS,
    detects=("station-reports-all-monitors", "station-ignores-monitors"),
    lasts=10.0,
)
async def test_monitors_are_reported_by_criterion(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports the monitors of the kind that is asked for, and no others.

    Given   an upper threshold and a delta on a number
    when    the CSMS asks for the thresholds of that variable
    then    the report has the threshold and not the delta
    """
    await station.ready()
    number = await dial(csms)
    made = await monitor(
        csms, asked_for(number, "UpperThreshold", number.value + 1000), asked_for(number, "Delta", 500)
    )
    check.that(made.outcome, results, equals(["Accepted", "Accepted"]), advice=_RESULTS)
    given = [one.get("id") for one in (made.response or {}).get("setMonitoringResult", ())]
    wanted = {"monitoringCriteria": ["ThresholdMonitoring"], "componentVariable": [number.place]}
    _, found = await reported(csms, station, **wanted)
    kinds = sorted({one["type"] for one in found})
    right = kinds == ["UpperThreshold"]
    check.holds(right, expected="the UpperThreshold alone", actual=str(kinds), advice="Look at monitoringCriteria.")
    await tidy(csms, None, [one for one in given if one is not None])


@test_case(
    "TC_STATION_Monitoring_014",
    covers=("TC_N_53_CS",),
    pics=_PICS,
    detects=("station-silent-alerts", "station-ignores-resets"),
    lasts=60.0,
)
async def test_a_monitor_survives_a_reboot(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps its monitors over a reboot.

    Given   a delta of 1 on a number
    when    the CSMS resets the station, and writes another value after the boot
    then    the monitor raises an event
    """
    await station.ready()
    number = await dial(csms)
    (mine,) = ids(await monitor(csms, asked_for(number, "Delta", 1)))
    await csms.reset("Immediate")
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time)
    check.that(booted, request, differs(None), advice="The station accepts a reset while it is idle.")
    await station.watch(station.pixit.reaction_time + 2.0)
    told = events(await turn(csms, station, number, number.value + 20), mine)
    check.holds(len(told) == 1, expected="one event", actual=f"{len(told)}", advice="Keep monitors over a reboot.")
    await tidy(csms, number, [mine])


@test_case(
    "TC_STATION_Monitoring_015",
    covers=("TC_N_12_CS",),
    pics=_PICS,
    detects=("station-ignores-monitors", "station-rubber-stamp"),
    lasts=4.0,
)
async def test_a_negative_delta_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a delta that is negative.

    Given   a station that is connected
    when    the CSMS sets a delta of -5 on HeartbeatInterval
    then    the result is Rejected
    """
    await station.ready()
    sent = await monitor(csms, asked_for(Dial(*_SETTABLE[0], 0), "Delta", -5))
    check.that(sent.outcome, results, equals(["Rejected"]), advice="A change is a positive number.")
