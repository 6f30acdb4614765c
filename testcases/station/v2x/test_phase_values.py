"""Values per phase in profiles: only for the transaction of an EV that told its phases, never alone (OCPP 2.1 V2X.06 to .10)."""

from typing import Any

from harness.ocpp.readings import outcome, reason_code
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    StationUnderTest,
    central_setpoint,
    equals,
    idle,
    one_of,
    test_case,
)

_DISCHARGE: dict[str, Any] = {"dischargeLimit": -1000, "dischargeLimit_L2": -1000, "dischargeLimit_L3": -1000}
_SETPOINT: dict[str, Any] = {"setpoint_L2": -1000, "setpoint_L3": -1000}


@test_case(
    "TC_STATION_PhaseValues_001",
    covers=("V2X.10",),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    detects=(
        "station-takes-values-per-phase",
        "station-accepts-profiles-blindly",
        "station-no-reasons",
        "station-rubber-stamp",
    ),
    lasts=5.0,
)
async def test_values_per_phase_in_a_default_are_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a profile with setpoints or discharge limits per phase that is no TxProfile.

    Given   a connected station
    when    the CSMS sends a TxDefaultProfile with setpoint_L2, then one with dischargeLimit_L2
    then    each is Rejected with PhaseConflict
    """
    await station.ready()
    for values in (_SETPOINT, _DISCHARGE):
        sent = await csms.set_profile(1, "TxDefaultProfile", [central_setpoint(-1000) | values])
        advice = "Values per phase are for a TxProfile, whose EV is known."
        check.that(sent.outcome, outcome, equals("Rejected"), advice=advice)
        check.that(sent.outcome, reason_code, equals("PhaseConflict"), advice="Give the reasonCode with the refusal.")


@test_case(
    "TC_STATION_PhaseValues_002",
    covers=("V2X.10",),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.DC,
    needs=("plug", "authorise"),
    detects=(
        "station-takes-values-per-phase",
        "station-accepts-profiles-blindly",
        "station-no-reasons",
        "station-rubber-stamp",
    ),
    lasts=40.0,
)
async def test_values_per_phase_for_an_ev_on_dc_are_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses setpoints and discharge limits per phase for an EV that told no phases.

    Given   a transaction of an EV on DC, which has no phases to tell
    when    the CSMS sends a TxProfile with setpoint_L2, then one with dischargeLimit_L2
    then    each is Rejected with PhaseConflict
    """
    await station.ready()
    await station.charging()
    for values in (_SETPOINT, _DISCHARGE):
        sent = await csms.dispatch(central_setpoint(-1000) | values)
        check.that(sent.outcome, outcome, equals("Rejected"), advice="Compare with maxDischargePower_L2 of the needs.")
        check.that(sent.outcome, reason_code, equals("PhaseConflict"), advice="Give the reasonCode with the refusal.")


@test_case(
    "TC_STATION_PhaseValues_003",
    covers=("V2X.06",),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.V2X_IDLE,
    needs=("plug", "authorise"),
    detects=("station-takes-values-per-phase", "station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_what_a_mode_does_not_have_it_does_not_have_per_phase(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station applies the rules of limits and setpoints to those of single phases too.

    Given   a transaction of a bidirectional EV
    when    the CSMS sends Idle with limit_L2, and a setpoint_L2 beyond the dischargeLimit_L2 of its period
    then    each is Rejected, as it is without phases, or because no phases were told
    """
    codes = one_of(["InvalidSchedule", "PhaseConflict"])
    await station.ready()
    await station.charging()
    beyond = {"setpoint_L2": -3000, "dischargeLimit": -1500, "dischargeLimit_L2": -1000}
    for period in (idle() | {"limit_L2": 1000}, central_setpoint(-1000) | beyond):
        sent = await csms.dispatch(period)
        check.that(sent.outcome, outcome, equals("Rejected"), advice="Check the values of each phase.")
        check.that(sent.outcome, reason_code, codes, advice="Give the reasonCode with the refusal.")
