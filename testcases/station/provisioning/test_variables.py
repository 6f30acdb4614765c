"""Variables of the device model: written, read back, refused, reported (OCPP 2.x B05 to B07)."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, Trace, equals, test_case

HEARTBEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
PASSWORD = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
NO_COMPONENT = {"component": {"name": "TesterCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
NO_VARIABLE = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "TesterInterval"}}
_MODEL = "Answer each item from the device model, in the order of the request."


def each(member: str, field: str) -> Callable[[Observation], list[Any] | None]:
    """A reading: a field of every element of a list in an answer."""

    def listed(seen: Observation) -> list[Any] | None:
        found = reading(member)(seen)
        return [one.get(field) for one in found] if isinstance(found, list) else None

    listed.__name__ = f"{field} of each {member}"
    return listed


def reports(trace: Trace, number: int) -> list[Mapping[str, Any]]:
    """The parts of a report, as they came."""
    found = [request(seen, "NotifyReport") for seen in trace.sent_by("station")]
    return [part for part in found if part is not None and part.get("requestId") == number]


@test_case(
    "TC_STATION_Variables_001",
    covers=("B05.FR.10", "B06.FR.10", "TC_B_09_CS", "TC_B_06_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-variables", "station-reveals-password", "station-rubber-stamp"),
)
async def test_a_variable_has_the_value_that_was_written(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps the value that is written to a variable, and tells it.

    Given   a station that is connected
    when    the CSMS sets HeartbeatInterval to a value that it did not have, reads it, and sets the former one again
    then    both are accepted, and the value read is the one written
    """
    await station.ready()
    before = await csms.get_variable("OCPPCommCtrlr", "HeartbeatInterval")
    value = "83" if before != "83" else "84"
    sent = await csms.call("SetVariables", {"setVariableData": [{**HEARTBEAT, "attributeValue": value}]})
    check.that(sent.outcome, each("setVariableResult", "attributeStatus"), equals(["Accepted"]), advice=_MODEL)
    asked = await csms.call("GetVariables", {"getVariableData": [HEARTBEAT]})
    told = each("getVariableResult", "attributeValue")
    check.that(asked.outcome, told, equals([value]), requirement="B06.FR.10", advice=_MODEL)
    await csms.set_variable("OCPPCommCtrlr", "HeartbeatInterval", before or round(station.pixit.heartbeat_interval))


@test_case(
    "TC_STATION_Variables_002",
    covers=("B06.FR.06", "B06.FR.07", "B05.FR.04", "B05.FR.05", "TC_B_32_CS", "TC_B_33_CS", "TC_B_35_CS", "TC_B_36_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-variables", "station-reveals-password", "station-rubber-stamp"),
)
async def test_what_does_not_exist_is_called_so(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells unknown components and unknown variables apart, when they are read and when they are written.

    Given   a station that is connected
    when    the CSMS reads and writes a variable of an unknown component, and an unknown variable of a known one
    then    the results are UnknownComponent and UnknownVariable, in the order of the request
    """
    await station.ready()
    unknown = equals(["UnknownComponent", "UnknownVariable"])
    read = await csms.call("GetVariables", {"getVariableData": [NO_COMPONENT, NO_VARIABLE]})
    check.that(read.outcome, each("getVariableResult", "attributeStatus"), unknown, advice=_MODEL)
    items = [{**one, "attributeValue": "5"} for one in (NO_COMPONENT, NO_VARIABLE)]
    written = await csms.call("SetVariables", {"setVariableData": items})
    status = each("setVariableResult", "attributeStatus")
    check.that(written.outcome, status, unknown, requirement="B05.FR.04", advice=_MODEL)


@test_case(
    "TC_STATION_Variables_003",
    covers=("B06.FR.09",),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & (STATION.SECURITY_1 | STATION.SECURITY_2),
    detects=("station-reveals-password", "station-rubber-stamp"),
)
async def test_the_password_cannot_be_read(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station never tells its password.

    Given   a station that authenticates with a password
    when    the CSMS reads SecurityCtrlr.BasicAuthPassword
    then    the result is Rejected, without a value
    """
    await station.ready()
    asked = await csms.call("GetVariables", {"getVariableData": [PASSWORD]})
    status, value = each("getVariableResult", "attributeStatus"), each("getVariableResult", "attributeValue")
    check.that(asked.outcome, status, equals(["Rejected"]), advice="BasicAuthPassword is WriteOnly.")
    check.that(asked.outcome, value, equals([None]), advice="A value that is refused is left out.")


@test_case(
    "TC_STATION_Variables_004",
    covers=("B07.FR.01", "B07.FR.04", "B07.FR.08", "B07.FR.10", "TC_B_13_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=(
        "station-ignores-questions-for-inventory",
        "station-wrong-request-id",
        "station-rubber-stamp",
    ),
    lasts=15.0,
)
async def test_the_full_inventory_is_reported(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports its device model whole, in parts that are numbered from 0.

    Given   a station that is connected
    when    the CSMS asks for the FullInventory
    then    it is accepted, the parts have the id of the question and the numbers 0, 1, ..., the last one ends the report,
            and HeartbeatInterval is in it
    """
    await station.ready()
    mark = len(station.seen)
    asked = await csms.call("GetBaseReport", {"requestId": 4711, "reportBase": "FullInventory"})
    check.that(asked.outcome, outcome, equals("Accepted"), advice="FullInventory is supported by every station.")
    for _second in range(60):
        parts = reports(csms.trace.after(mark), 4711)
        if parts and not parts[-1].get("tbc"):
            break
        await station.watch(1.0)
    numbers = [part.get("seqNo") for part in parts]
    whole = bool(parts) and numbers == list(range(len(parts))) and not parts[-1].get("tbc")
    wanted = "parts 0, 1, ... with the requestId of the question, of which the last has no tbc"
    check.holds(whole, expected=wanted, actual=f"parts {numbers}", requirement="B07.FR.10", advice="Number the parts.")
    names = {one["variable"]["name"] for part in parts for one in part.get("reportData", ())}
    there = "HeartbeatInterval" in names
    check.holds(there, expected="HeartbeatInterval in it", actual=f"{len(names)} names", requirement="B07.FR.08")


@test_case(
    "TC_STATION_Reset_001",
    covers=("B11.FR.01", "B11.FR.04", "B01.FR.09", "TC_B_20_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-resets", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_an_idle_station_resets(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reboots when the CSMS resets it, and says that this was the reason.

    Given   a station without transactions
    when    the CSMS sends Reset Immediate
    then    it is accepted, and BootNotification follows with reason RemoteReset
    """
    await station.ready()
    sent = await csms.reset("Immediate")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Nothing stands against a reset of an idle station.")
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time)
    check.that(
        booted, reading("reason"), equals("RemoteReset"), requirement="B01.FR.09", advice="Keep it over the boot."
    )


@test_case(
    "TC_STATION_Reset_002",
    covers=("B12.FR.02", "B12.FR.04", "TC_B_22_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "authorise"),
    detects=(
        "station-ignores-resets",
        "station-resets-only-when-idle",
        "station-no-stopped-reason",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_an_immediate_reset_ends_transactions_first(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends its transactions before an immediate reset, and says why.

    Given   a transaction in which energy flows
    when    the CSMS sends Reset Immediate
    then    it is accepted, Ended has triggerReason ResetCommand and stoppedReason ImmediateReset, and the station boots
    """
    await station.ready()
    await station.charging()
    sent = await csms.reset("Immediate")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Immediate does not wait for transactions.")
    ended = await csms.expect("TransactionEvent", within=station.pixit.boot_time, eventType="Ended")
    because = reading("transactionInfo.stoppedReason")
    check.that(ended, because, equals("ImmediateReset"), requirement="B12.FR.04", advice="Say why it ended.")
    check.that(ended, reading("triggerReason"), equals("ResetCommand"), requirement="B12.FR.04", advice="Say why.")
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time)
    check.that(
        booted, reading("reason"), equals("RemoteReset"), requirement="B01.FR.09", advice="Keep it over the boot."
    )


@test_case(
    "TC_STATION_Reset_003",
    covers=("B12.FR.01", "B12.FR.03", "TC_B_21_CS"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-ignores-resets", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_reset_on_idle_waits_for_the_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station puts a reset off until its transaction has ended.

    Given   a transaction in which energy flows
    when    the CSMS sends Reset OnIdle, and stops the transaction 5 s later
    then    the answer is Scheduled, nothing ends before, and the station boots afterwards
    """
    await station.ready()
    running = await station.charging()
    sent = await csms.reset("OnIdle")
    check.that(sent.outcome, outcome, equals("Scheduled"), advice="A transaction is running.")
    seen = await station.watch(5.0)
    ended = [one for one in seen if reading("eventType")(one) == "Ended"]
    check.holds(not ended, expected="a transaction that goes on", actual="Ended", requirement="B12.FR.03")
    await csms.stop_transaction(running)
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time)
    reason = reading("reason")
    check.that(booted, reason, equals("ScheduledReset"), requirement="B01.FR.09", advice="Boot once all have ended.")
