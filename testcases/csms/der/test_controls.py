"""The DER controls that a CSMS sets: which object goes with which type, and when it holds (OCPP 2.1 block R, use case R04)."""

from typing import Any

from harness.ocpp.readings import came, outcome, reading
from harness.ocpp.readings_csms import der_objects, der_times, der_unit
from harness.vocabulary import (
    CSMS,
    Check,
    CsmsUnderTest,
    TesterStation,
    differs,
    equals,
    near,
    one_of,
    satisfies,
    test_case,
)

TRIP = [{"x": 62.0, "y": 0.16}, {"x": 61.2, "y": 300.0}]
OWN_OBJECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "FreqDroop": (
        "freqDroop",
        {
            "priority": 1,
            "overFreq": 0.036,
            "underFreq": 0.036,
            "overDroop": 0.05,
            "underDroop": 0.05,
            "responseTime": 5.0,
        },
    ),
    "FixedPFAbsorb": ("fixedPFAbsorb", {"priority": 1, "displacement": 0.95, "excitation": True}),
    "FixedPFInject": ("fixedPFInject", {"priority": 1, "displacement": 0.95, "excitation": False}),
    "FixedVar": ("fixedVar", {"priority": 1, "setpoint": 20.0, "unit": "PctMaxVar"}),
    "LimitMaxDischarge": ("limitMaxDischarge", {"priority": 0, "pctMaxDischargePower": 50.0}),
}
ONLY_DEFAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "EnterService": (
        "enterService",
        {"priority": 0, "highVoltage": 105.0, "lowVoltage": 91.7, "highFreq": 50.1, "lowFreq": 49.9, "delay": 300.0},
    ),
    "Gradients": ("gradient", {"priority": 0, "gradient": 10.0, "softGradient": 60.0}),
}
CURVES: dict[str, dict[str, Any]] = {
    "VoltVar": {"yUnit": "PctMaxVar", "curveData": [{"x": 92, "y": 44}, {"x": 98, "y": 0}, {"x": 108, "y": -44}]},
    "VoltWatt": {"yUnit": "PctMaxW", "curveData": [{"x": 106, "y": 100}, {"x": 110, "y": 20}]},
    "FreqWatt": {"yUnit": "PctMaxW", "curveData": [{"x": 50.2, "y": 100}, {"x": 51.5, "y": 0}]},
    "WattVar": {"yUnit": "PctMaxVar", "curveData": [{"x": 50, "y": 0}, {"x": 100, "y": -44}]},
    "HFMustTrip": {"yUnit": "Not_Applicable", "curveData": TRIP},
}
UNITS = {
    "VoltVar": ("PctMaxVar", "PctVarAvail"),
    "WattVar": ("PctMaxVar", "PctVarAvail"),
    "VoltWatt": ("PctMaxW", "PctWAvail"),
    "FreqWatt": ("PctMaxW", "PctWAvail"),
    "HFMustTrip": ("Not_Applicable",),
}


def control(kind: str, number: str, *, default: bool = True, **timing: Any) -> dict[str, Any]:
    """A SetDERControl of a type, with an ordinary object for it."""
    member, content = (
        ("curve", {"priority": 1, **CURVES[kind]}) if kind in CURVES else {**OWN_OBJECTS, **ONLY_DEFAULTS}[kind]
    )
    return {"isDefault": default, "controlId": number, "controlType": kind, member: {**content, **timing}}


@test_case(
    "TC_CSMS_Der_001",
    covers="R04.FR.16",
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects=("csms-wrong-der-object", "csms-der-in-a-curve", "csms-rubber-stamp"),
    lasts=20.0,
)
async def test_a_control_carries_the_object_of_its_type_alone(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends with each control type the one object that belongs to it, and no other.

    Given   a booted station with grid functions
    when    the CSMS is made to set a default of every type that has an object of its own, and a volt-var curve
    then    each SetDERControl carries that object alone
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDERControl"] = {"status": "Accepted"}
    expected = {kind: member for kind, (member, _) in {**OWN_OBJECTS, **ONLY_DEFAULTS}.items()} | {"VoltVar": "curve"}
    for kind, member in expected.items():
        sent = await csms.sends("SetDERControl", control(kind, f"d-{kind}"))
        check.that(sent, reading("controlType"), equals(kind))
        check.that(sent, der_objects, equals([member]), advice="Stations reject a control with another object.")


@test_case(
    "TC_CSMS_Der_002",
    covers="R04.FR.12",
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects=("csms-timed-defaults", "csms-timed-default-droop", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_default_has_no_time(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS sends default controls without startTime and duration.

    Given   a booted station with grid functions
    when    the CSMS is made to set a volt-var curve and a frequency droop as defaults
    then    neither carries startTime or duration
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDERControl"] = {"status": "Accepted"}
    for kind in ("VoltVar", "FreqDroop"):
        sent = await csms.sends("SetDERControl", control(kind, f"d-{kind}"))
        check.that(sent, reading("isDefault"), equals(True))
        check.that(
            sent, der_times, equals([]), advice="A default holds whenever no scheduled control of its type does."
        )


@test_case(
    "TC_CSMS_Der_003",
    covers="R04.FR.12",
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects=("csms-untimed-controls", "csms-wrong-der-object", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_scheduled_control_says_when_it_holds(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends scheduled controls with startTime and duration.

    Given   a booted station with grid functions
    when    the CSMS is made to set a volt-var curve and a limit of discharging for the next 15 minutes
    then    both carry startTime and duration
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDERControl"] = {"status": "Accepted"}
    timing = {"startTime": station.time_stamp(), "duration": 900.0}
    for kind in ("VoltVar", "LimitMaxDischarge"):
        sent = await csms.sends("SetDERControl", control(kind, f"s-{kind}", default=False, **timing))
        check.that(sent, reading("isDefault"), equals(False))
        check.that(sent, der_objects, satisfies("one object", lambda names: len(names) == 1), requirement="R04.FR.16")
        check.that(sent, der_times, equals(["startTime", "duration"]), advice="Give both, or make it a default.")


@test_case(
    "TC_CSMS_Der_004",
    covers="R04.FR.14",
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects=("csms-schedules-defaults", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_enter_service_and_gradients_are_defaults(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends EnterService and Gradients as defaults only.

    Given   a booted station with grid functions
    when    the CSMS is made to set when the station enters service, and how fast it changes its power
    then    both controls are defaults without a time
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDERControl"] = {"status": "Accepted"}
    for kind in ONLY_DEFAULTS:
        sent = await csms.sends("SetDERControl", control(kind, f"d-{kind}"))
        check.that(sent, reading("isDefault"), equals(True))
        check.that(sent, der_times, equals([]), requirement="R04.FR.12")


@test_case(
    "TC_CSMS_Der_005",
    covers="OCPP:der-units",
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects=("csms-watts-for-vars", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_curve_is_in_the_unit_of_what_it_controls(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS gives curves of reactive power in shares of reactive power, curves of active power in shares of active power.

    Given   a booted station with grid functions
    when    the CSMS is made to set a curve of each kind, and a trip curve
    then    yUnit is one of those that belong to the type, and Not_Applicable for the trip curve
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDERControl"] = {"status": "Accepted"}
    for kind in CURVES:
        sent = await csms.sends("SetDERControl", control(kind, f"u-{kind}"))
        advice = f"{kind} is told in {' or '.join(UNITS[kind])}."
        check.that(sent, der_unit, one_of(UNITS[kind]), advice=advice)


@test_case(
    "TC_CSMS_Der_006",
    covers=("R04.FR.16", "OCPP:der-units"),
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects=("csms-reversed-var", "csms-watts-for-vars", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_fixed_reactive_power_keeps_its_sign_and_unit(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends a fixed reactive power with the sign and the unit that were meant.

    Given   a booted station with grid functions
    when    the CSMS is made to set 20 % of the reactive power for discharging
    then    FixedVar carries fixedVar with 20 in PctMaxVar
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDERControl"] = {"status": "Accepted"}
    sent = await csms.sends("SetDERControl", control("FixedVar", "v-1"))
    check.that(sent, der_objects, equals(["fixedVar"]))
    advice = "In DER controls a positive share is on the discharging side, other than in charging profiles."
    wanted = near(20.0, "%", tolerance=0.1)
    check.that(sent, reading("fixedVar.setpoint"), wanted, requirement="OCPP:der-units", advice=advice)
    check.that(sent, der_unit, equals("PctMaxVar"), requirement="OCPP:der-units")


@test_case(
    "TC_CSMS_Der_007",
    covers="OCPP:der-ids",
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects=("csms-one-der-id", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_each_control_has_an_id_of_its_own(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS gives two controls two ids.

    Given   a station that has taken a volt-var curve
    when    the CSMS is made to set a volt-watt curve besides
    then    the second control has another controlId
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDERControl"] = {"status": "Accepted"}
    first = await csms.sends("SetDERControl", control("VoltVar", "i-1"))
    second = await csms.sends("SetDERControl", control("VoltWatt", "i-2"))
    known = reading("controlId")(first)
    check.that(second, reading("controlId"), differs(known), advice="The same id again replaces the first control.")


@test_case(
    "TC_CSMS_Der_008",
    covers="OCPP:goes-on-after-refusals",
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-der-twice", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_control_that_the_station_lacks_is_not_sent_again(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes it that a station does not support a control, and goes on.

    Given   a station that answers SetDERControl with NotSupported
    when    the CSMS is made to set a volt-var curve
    then    it comes once within 5 s, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDERControl"] = {"status": "NotSupported"}
    sent = await csms.sends("SetDERControl", control("VoltVar", "n-1"))
    check.that(sent, der_objects, equals(["curve"]), requirement="R04.FR.16")
    again = await station.expect("SetDERControl", within=5.0)
    check.that(again, came, equals("Silence"), advice="Read ModesSupported of the station first.")
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))
