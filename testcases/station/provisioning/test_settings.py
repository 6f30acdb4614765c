"""Variables: what may not be written, what is badly written, several at once, attributes (OCPP 2.x B05, B06)."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.ocpp.readings import reading
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, equals, one_of, test_case

_MODEL = "Answer each item from the device model, in the order of the request."


def item(component: str, variable: str, **more: Any) -> dict[str, Any]:
    """An item of SetVariables or GetVariables."""
    return {"component": {"name": component}, "variable": {"name": variable}, **more}


HEARTBEAT = item("OCPPCommCtrlr", "HeartbeatInterval")
STATE = item("ChargingStation", "AvailabilityState")
TIMEOUT = item("TxCtrlr", "EVConnectionTimeOut")


def each(member: str, field: str) -> Callable[[Observation], list[Any] | None]:
    """A reading: a field of every element of a list in an answer."""

    def listed(seen: Observation) -> list[Any] | None:
        found = reading(member)(seen)
        return [one.get(field) for one in found] if isinstance(found, list) else None

    listed.__name__ = f"{field} of each {member}"
    return listed


def named(member: str) -> Callable[[Observation], list[tuple[str, str]] | None]:
    """A reading: component and variable of every element of a list in an answer."""

    def listed(seen: Observation) -> list[tuple[str, str]] | None:
        found: list[Mapping[str, Any]] | None = reading(member)(seen)
        return [(one["component"]["name"], one["variable"]["name"]) for one in found] if found else None

    listed.__name__ = f"component and variable of each {member}"
    return listed


SET_STATUS = each("setVariableResult", "attributeStatus")
GET_STATUS = each("getVariableResult", "attributeStatus")
VALUES = each("getVariableResult", "attributeValue")


@test_case(
    "TC_STATION_Variables_005",
    covers=("B05.FR.09", "TC_B_39_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-variables", "station-rubber-stamp"),
    lasts=3.0,
)
async def test_what_is_read_only_is_not_written(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses to write a variable that is ReadOnly, and keeps its value.

    Given   a station that is connected
    when    the CSMS writes ChargingStation.AvailabilityState, and reads it
    then    writing is Rejected, and the value is not the one that was written
    """
    await station.ready()
    sent = await csms.call("SetVariables", {"setVariableData": [{**STATE, "attributeValue": "Faulted"}]})
    check.that(sent.outcome, SET_STATUS, equals(["Rejected"]), advice="AvailabilityState is ReadOnly.")
    asked = await csms.call("GetVariables", {"getVariableData": [STATE]})
    states = one_of((["Available"], ["Occupied"], ["Reserved"], ["Unavailable"]))
    check.that(asked.outcome, VALUES, states, advice="A refused write leaves the value as it was.")


@test_case(
    "TC_STATION_Variables_006",
    covers=("B05.FR.07", "B05.FR.08", "TC_B_11_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-variables", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_values_that_make_no_sense_are_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses values of the wrong form, and values out of range.

    Given   a station that is connected
    when    the CSMS writes text, a fraction and a negative number as a time-out, and something else as a boolean
    then    all are Rejected, and the time-out is what it was
    """
    await station.ready()
    before = await csms.get_variable("TxCtrlr", "EVConnectionTimeOut")
    boolean = item("AuthCtrlr", "LocalPreAuthorize")
    for wrong, value in ((TIMEOUT, "soon"), (TIMEOUT, "12.5"), (TIMEOUT, "-5"), (boolean, "perhaps")):
        sent = await csms.call("SetVariables", {"setVariableData": [{**wrong, "attributeValue": value}]})
        advice = f"{wrong['variable']['name']} cannot be {value!r}: check form and range before storing."
        check.that(sent.outcome, SET_STATUS, equals(["Rejected"]), advice=advice)
    after = await csms.get_variable("TxCtrlr", "EVConnectionTimeOut")
    check.holds(
        after == before, expected=f"still {before}", actual=f"{after}", advice="Store nothing that was refused."
    )


@test_case(
    "TC_STATION_Variables_007",
    covers=("B05.FR.01", "B05.FR.02", "B06.FR.01", "B06.FR.02", "TC_B_07_CS", "TC_B_10_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-reads-one-variable", "station-writes-one-variable", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_each_of_several_items_has_its_result(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station answers every item of a request, those that fail and those that do not, in their order.

    Given   a station that is connected
    when    the CSMS writes and reads a good, an unknown and a read-only variable in one request
    then    there are three results each, in that order, of which only the right ones are Accepted
    """
    await station.ready()
    before = await csms.get_variable("OCPPCommCtrlr", "HeartbeatInterval")
    asked = [HEARTBEAT, item("TesterCtrlr", "Nothing"), STATE]
    names = equals([(one["component"]["name"], one["variable"]["name"]) for one in asked])
    values = [{**one, "attributeValue": "91"} for one in asked]
    sent = await csms.call("SetVariables", {"setVariableData": values})
    wanted = equals(["Accepted", "UnknownComponent", "Rejected"])
    check.that(sent.outcome, SET_STATUS, wanted, advice=_MODEL)
    check.that(sent.outcome, named("setVariableResult"), names, requirement="B05.FR.02", advice=_MODEL)
    read = await csms.call("GetVariables", {"getVariableData": asked})
    known = equals(["Accepted", "UnknownComponent", "Accepted"])
    check.that(read.outcome, GET_STATUS, known, requirement="B06.FR.01", advice=_MODEL)
    check.that(read.outcome, named("getVariableResult"), names, requirement="B06.FR.02", advice=_MODEL)
    await csms.set_variable("OCPPCommCtrlr", "HeartbeatInterval", before or round(station.pixit.heartbeat_interval))


@test_case(
    "TC_STATION_Variables_008",
    covers=("B05.FR.06", "B06.FR.08", "TC_B_34_CS", "TC_B_37_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-forgets-attribute-types", "station-ignores-variables", "station-rubber-stamp"),
    lasts=3.0,
)
async def test_attributes_that_a_variable_lacks_are_named(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells that a variable does not have the attribute that is asked for.

    Given   a station that is connected
    when    the CSMS reads and writes the attribute MaxSet of a boolean
    then    both results are NotSupportedAttributeType
    """
    await station.ready()
    boolean = item("AuthCtrlr", "AuthorizeRemoteStart", attributeType="MaxSet")
    wanted = equals(["NotSupportedAttributeType"])
    advice = "A boolean has no largest value; look at attributeType, which is Actual only when it is left out."
    read = await csms.call("GetVariables", {"getVariableData": [boolean]})
    check.that(read.outcome, GET_STATUS, wanted, requirement="B06.FR.08", advice=advice)
    sent = await csms.call("SetVariables", {"setVariableData": [{**boolean, "attributeValue": "true"}]})
    check.that(sent.outcome, SET_STATUS, wanted, advice=advice)


@test_case(
    "TC_STATION_Variables_009",
    covers=("B06.FR.01", "B06.FR.11", "B05.FR.12"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-reads-one-variable", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_as_many_items_as_are_allowed_are_answered(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station answers as many items at once as it says it does.

    Given   a station that tells how many items GetVariables may have
    when    the CSMS asks for that many (20 at most)
    then    there is a result for each, with the value and the attribute type Actual
    """
    await station.ready()
    told = await csms.get_variable("DeviceDataCtrlr", "ItemsPerMessage", instance="GetVariables") or ""
    check.holds(told.isdigit(), expected="ItemsPerMessage[GetVariables]", actual=repr(told), advice="It is mandatory.")
    number = min(20, max(1, int(told))) if told.isdigit() else 1
    asked = [(HEARTBEAT, STATE, TIMEOUT)[place % 3] for place in range(number)]
    read = await csms.call("GetVariables", {"getVariableData": asked})
    check.that(read.outcome, GET_STATUS, equals(["Accepted"] * number), advice=_MODEL)
    kinds = one_of((["Actual"] * number, [None] * number))
    advice = "Say Actual where the request said nothing."
    check.that(read.outcome, each("getVariableResult", "attributeType"), kinds, requirement="B06.FR.11", advice=advice)
    some = [value for value in VALUES(read.outcome) or [] if value]
    check.holds(len(some) == number, expected=f"{number} values", actual=f"{len(some)}", advice=_MODEL)
