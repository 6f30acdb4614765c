"""What bounds a CSMS in steering an EV: powers, the V2X window, single phases, and the modes that the station has."""

from typing import Any

from harness.ocpp.readings import status
from harness.ocpp.readings_csms import (
    charge_asked,
    discharge_asked,
    lone_phase_values,
    operation_modes,
    phase_values,
)
from harness.vocabulary import (
    CSMS,
    Check,
    CsmsUnderTest,
    TesterStation,
    at_most,
    central_setpoint,
    charging_only,
    equals,
    one_of,
    satisfies,
    test_case,
    v2x_needs,
)

ON_AC = {
    "Connector.ConnectorType": "cType2",
    "V2XChargingCtrlr.SupportedEnergyTransferModes": "AC_three_phase,AC_BPT",
}


@test_case(
    "TC_CSMS_Bounds_001",
    covers="OCPP:within-the-needs",
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=("csms-ignores-ev-limits", "csms-too-much", "csms-promises-profiles"),
    lasts=15.0,
)
async def test_a_profile_keeps_within_the_powers_of_the_ev(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS asks for no more power than the EV said it can take and give.

    Given   a running transaction of an EV that can charge with 4 kW and discharge with 1.5 kW
    when    the station tells its needs
    then    the profile that follows asks for no more than that in either direction
    """
    await station.power_up(within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    told = await station.tell_needs(v2x_needs(maxChargePower=4000.0, maxDischargePower=1500.0))
    check.that(told.outcome, status, one_of(("Accepted", "Processing")), requirement="Q01.FR.07")
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time)
    check.that(sent, discharge_asked, at_most(1500.0, "W"), advice="maxDischargePower of the EV bounds setpoints.")
    check.that(sent, charge_asked, at_most(4000.0, "W"), advice="maxChargePower of the EV bounds limits and setpoints.")


@test_case(
    "TC_CSMS_Bounds_002",
    covers="OCPP:v2x-window",
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects="csms-ignores-v2x-window",
    lasts=15.0,
)
async def test_an_ev_below_its_v2x_window_is_not_discharged(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS does not discharge an EV whose state of charge is below its V2X window.

    Given   a running transaction of an EV that needs 3 kWh to come into its V2X window
    when    the station tells its needs
    then    the profile that follows begins without discharging
    """
    await station.power_up(within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    await station.tell_needs(v2x_needs(evMinV2XEnergyRequest=3000.0))
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time)
    advice = "evMinV2XEnergyRequest above 0 is energy that must be charged before the EV can be cycled."
    check.that(sent, discharge_asked, at_most(0.0, "W"), advice=advice)


@test_case(
    "TC_CSMS_Bounds_003",
    covers=("V2X.08", "K01.FR.142"),
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=("csms-phase-values", "csms-discharges-single-phases"),
    lasts=15.0,
)
async def test_an_ev_without_powers_per_phase_gets_no_values_per_phase(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends no values for single phases to an EV that told none.

    Given   a running transaction of an EV on AC that tells its powers for all phases together
    when    the station tells its needs
    then    no period of the profile that follows has a member for phase L2 or L3
    """
    await station.power_up(within=csms.pixit.boot_time, having=ON_AC)
    await station.begin_transaction(csms.token)
    await station.tell_needs(v2x_needs("AC_BPT", available=("AC_three_phase", "AC_BPT")))
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time)
    check.that(sent, phase_values, equals([]), advice="Values per phase need maxDischargePower_L2 and _L3 of the EV.")


@test_case(
    "TC_CSMS_Bounds_004",
    covers=("V2X.07", "K01.FR.145"),
    pics=CSMS.V2X_CENTRAL_SETPOINT,
    needs="send_request",
    detects="csms-only-single-phases",
    lasts=15.0,
)
async def test_values_per_phase_come_with_the_plain_one(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends a value for a phase only beside the plain value of the same name.

    Given   a running transaction of an EV on AC that told its powers of each phase
    when    the CSMS is made to discharge the phases with different powers
    then    a period with setpoint_L2 or setpoint_L3 has setpoint too
    """
    await station.power_up(within=csms.pixit.boot_time, having=ON_AC)
    transaction = await station.begin_transaction(csms.token)
    single: dict[str, Any] = {
        f"max{way}Power{phase}": 3000.0 for way in ("Charge", "Discharge") for phase in ("", "_L2", "_L3")
    }
    await station.tell_needs(v2x_needs("AC_BPT", available=("AC_three_phase", "AC_BPT"), **single))
    await station.expect("SetChargingProfile", within=csms.pixit.reaction_time)
    period = central_setpoint(-1000.0, setpoint_L2=-500.0, setpoint_L3=-500.0)
    sent = await csms.sends_profile([period], transaction=transaction)
    check.that(sent, lone_phase_values, equals([]), advice="The plain member then stands for phase L1.")


@test_case(
    "TC_CSMS_Bounds_005",
    covers=("V2X.09", "K01.FR.143"),
    pics=CSMS.V2X,
    needs="send_request",
    detects=("csms-phase-values", "csms-discharges-single-phases", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_profiles_for_any_transaction_have_no_values_per_phase(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends values for single phases in a TxProfile only.

    Given   a booted station
    when    the CSMS is made to set a default for all transactions, and then a maximum of the station
    then    neither profile has a member for phase L2 or L3
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetChargingProfile"] = {"status": "Accepted"}
    default = await csms.sends_profile([charging_only(7000.0)], purpose="TxDefaultProfile")
    check.that(default, phase_values, equals([]))
    most = await csms.sends_profile([charging_only(9000.0)], purpose="ChargingStationMaxProfile", evse=0)
    check.that(most, phase_values, equals([]))


@test_case(
    "TC_CSMS_Bounds_006",
    covers="OCPP:modes-of-the-station",
    pics=CSMS.V2X & CSMS.ISO_15118,
    needs="send_request",
    detects="csms-deaf-to-modes",
    lasts=15.0,
)
async def test_a_mode_that_the_station_lacks_is_not_used(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS steers a station by the operation modes that it reports.

    Given   a station whose device model lists ChargingOnly and Idle as its operation modes, which the CSMS was made to read
    when    the driver of a bidirectional EV is authorised and the station tells the EV's needs
    then    a profile that follows uses none but those
    """
    modes = {"V2XChargingCtrlr.SupportedOperationModes": "ChargingOnly,Idle"}
    await station.power_up(within=csms.pixit.boot_time, having=modes)
    await csms.sends("GetBaseReport", {"requestId": 71, "reportBase": "FullInventory"})
    await station.reported(71, within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    await station.tell_needs(v2x_needs("DC_BPT"))
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time)
    known = satisfies("only ChargingOnly or Idle", lambda found: set(found) <= {"ChargingOnly", "Idle"})
    advice = "Read V2XChargingCtrlr.SupportedOperationModes; a station rejects other modes (InvalidOperationMode)."
    check.that(sent, operation_modes, known, advice=advice)
