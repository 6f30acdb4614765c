"""What a CSMS makes of the needs of a bidirectional EV (OCPP 2.1 block Q)."""

from typing import Any

from harness.ocpp.readings import outcome, reading, status
from harness.ocpp.readings_csms import discharge_asked, limits_and_setpoints
from harness.vocabulary import (
    CSMS,
    Check,
    CsmsUnderTest,
    Observation,
    TesterStation,
    equals,
    one_of,
    satisfies,
    test_case,
)


def answers_a_profile(seen: Observation) -> bool:
    """Whether an answer of the station is one to SetChargingProfile."""
    return getattr(seen.message, "action", "") == "SetChargingProfile" and status(seen) is not None


def sampled(station: TesterStation, *values: tuple[str, float]) -> dict[str, Any]:
    """A MeterValue with these measurands, in W and Wh."""
    taken = [{"measurand": name, "value": value} for name, value in values]
    return {"timestamp": station.time_stamp(), "sampledValue": taken}


@test_case(
    "TC_CSMS_V2x_001",
    covers=("Q01.FR.07", "K01.FR.03"),
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=(
        "csms-rejects-needs",
        "csms-promises-profiles",
        "csms-late-profiles",
        "csms-ignores-ev-limits",
        "csms-rubber-stamp",
    ),
    lasts=20.0,
)
async def test_the_needs_of_a_bidirectional_ev_are_answered_with_a_profile(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS accepts the needs of a bidirectional EV and sends a profile that asks for no more than the EV can give.

    Given   a booted station and an EV that can discharge with at most 3 kW
    when    the driver is authorised and the station tells the EV's needs
    then    they are accepted, and a profile follows that discharges with 3 kW at most
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.plug_in_ev("any", max_discharge_power=3000.0)
    station.present(csms.token)
    told = await station.answered("NotifyEVChargingNeeds", within=csms.pixit.reaction_time)
    check.that(told, reading("status"), one_of(("Accepted", "Processing")))
    sent = await station.expect(
        "SetChargingProfile", within=csms.pixit.reaction_time, chargingProfilePurpose="TxProfile"
    )
    check.that(sent, discharge_asked, satisfies("at most 3000 W", lambda watts: watts <= 3000.0))


@test_case(
    "TC_CSMS_V2x_002",
    covers=("Q02.FR.01", "Q02.FR.02"),
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=("csms-ignores-one-way", "csms-discharge-limit-in-charging", "csms-promises-profiles", "csms-rubber-stamp"),
    lasts=20.0,
)
async def test_an_ev_that_can_only_charge_is_not_discharged(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends no setpoint and no discharge limit for an EV that asks for one-way transfer.

    Given   a booted station and an EV that can only charge
    when    the driver is authorised and the station tells the EV's needs
    then    the profile that follows asks for charging alone
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.plug_in_ev("charge_only")
    station.present(csms.token)
    sent = await station.expect(
        "SetChargingProfile", within=csms.pixit.reaction_time, chargingProfilePurpose="TxProfile"
    )
    check.that(sent, discharge_asked, equals(0.0))
    plain = satisfies("limits for charging alone", lambda names: all(each.startswith("limit") for each in names))
    check.that(sent, limits_and_setpoints, plain, requirement="Q02.FR.02", advice="Leave such members out.")


@test_case(
    "TC_CSMS_V2x_003",
    covers=("K18.FR.07", "K01.FR.03", "K01.FR.40", "K01.FR.31"),
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=(
        "csms-foreign-transaction",
        "csms-no-start-schedule",
        "csms-first-period-late",
        "csms-phase-values",
        "csms-rubber-stamp",
    ),
    lasts=20.0,
)
async def test_a_sound_station_takes_the_profile(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS sends a bidirectional EV a profile that a station which checks everything accepts.

    Given   a booted station that refuses every profile with a fault, and a bidirectional EV
    when    the driver is authorised and the station tells the EV's needs
    then    the station accepts the profile that follows
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.plug_in_ev()
    station.present(csms.token)
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time)
    given = station.trace.after(sent.number).sent_by("station").where(answers_a_profile)
    advice = "The reason code in the station's answer says what is wrong with the profile."
    check.that(given[0] if given else None, outcome, equals("Accepted"), advice=advice)


@test_case(
    "TC_CSMS_V2x_004",
    covers="OCPP:takes-discharging",
    pics=CSMS.V2X,
    detects=("csms-stumbles-over-modes", "csms-stumbles-over-export"),
    lasts=15.0,
)
async def test_what_a_discharging_station_tells_is_taken(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes the events of a transaction that charges and discharges in turn.

    Given   a running transaction
    when    the station tells a change of the operation mode, exported power and energy, the setpoint that it follows, and
            what is left of it
    then    each event is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    given = (("Power.Active.Export", 4900.0), ("Power.Active.Setpoint", -5000.0), ("Power.Active.Residual", -100.0))
    energies = (("Energy.Active.Export.Register", 1200.0), ("Energy.Active.Import.Register", 5000.0))
    changes: tuple[tuple[str, dict[str, Any]], ...] = (
        ("OperationModeChanged", {"info": {"operationMode": "CentralSetpoint"}}),
        ("MeterValuePeriodic", {"meterValue": [sampled(station, *given, *energies)]}),
        ("OperationModeChanged", {"info": {"operationMode": "Idle"}, "evseSleep": True}),
    )
    for number, (reason, content) in enumerate(changes, 1):
        told = await station.event("Updated", reason, number, transaction, **content)
        check.that(told.outcome, outcome, equals("answered"), advice=f"{reason} is a reason of 2.1.")
