"""The PIXIT vocabulary: values that only the maker of the device knows, and the harness needs to test and to judge.

Every value has a unit, a meaning and a default. A default of 0 for a power or current means "none"; claims that need
more (such as DC_BPT) demand it. Powers are magnitudes unless their meaning says otherwise.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.device.section import Section, Text, item
from harness.device.units import (
    Amperes,
    CurrentTolerance,
    Hertz,
    Magnitude,
    PowerTolerance,
    Seconds,
    Share,
    Tolerance,
    VoltageTolerance,
    Volts,
    WattHours,
)

_MAKER = "maker"
_ISO20 = "ISO 15118-20:2022"
_PRACTICE = "laboratory practice"

Percent = Annotated[int, Field(ge=0, le=100)]
Price = Annotated[float, Field(ge=0)]


class PowerPixit(Section):
    """How a device moves energy, and how exactly."""

    nominal_voltage: Volts = item(
        400.0, "Voltage that cases choose where nothing else matters: DC at the outlet, or AC line to line.", _MAKER
    )
    maximum_charge_power: Magnitude = item(0.0, "Most that it can charge with.", _MAKER)
    minimum_charge_power: Magnitude = item(0.0, "Least that it can charge with without stopping.", _MAKER)
    maximum_discharge_power: Magnitude = item(0.0, "Most that it can discharge with.", _MAKER)
    minimum_discharge_power: Magnitude = item(0.0, "Least that it can discharge with without stopping.", _MAKER)
    reaction_time: Seconds = item(1.0, "From a new setpoint or limit to the first change of power.", _PRACTICE)
    ramp_time: Seconds = item(
        5.0, "From a new setpoint or limit until the power has reached it, reaction included.", _PRACTICE
    )
    settling_time: Seconds = item(2.0, "After the ramp, until the power stays within tolerance.", _PRACTICE)
    setpoint_tolerance: PowerTolerance = item(
        Tolerance(amount=200.0, share=0.05), "Permitted deviation from a setpoint or limit.", _PRACTICE
    )


class DcPixit(PowerPixit):
    """A DC connection, either side."""

    maximum_voltage: Volts = item(0.0, "Highest DC voltage.", _MAKER)
    minimum_voltage: Volts = item(0.0, "Lowest DC voltage.", _MAKER)
    maximum_charge_current: Amperes = item(0.0, "Most DC current when charging.", _MAKER)
    maximum_discharge_current: Amperes = item(0.0, "Most DC current when discharging, as a magnitude.", _MAKER)
    current_tolerance: CurrentTolerance = item(
        Tolerance(amount=1.0, share=0.03), "Permitted deviation of a current.", _PRACTICE
    )
    voltage_tolerance: VoltageTolerance = item(
        Tolerance(amount=5.0, share=0.02), "Permitted deviation of a voltage.", _PRACTICE
    )
    transmission_delay: Seconds = item(
        0.25,
        "Added to every time limit that makes a verdict; what the wire and both stacks may take.",
        "ISO 15118-4 test frames",
    )
    recovery_time: Seconds = item(
        5.0, "After the end of a session, until the next may begin.", "ISO 15118-4 test frames"
    )
    phases: Literal[1, 3] = item(3, "AC phases, for AC services.", _MAKER)
    nominal_frequency: Hertz = item(50.0, "Grid frequency, for AC services.", _MAKER)


class SeccPixit(DcPixit):
    """A charger's SECC."""

    power_electronics: bool = item(
        True,
        "false: a communication controller on the bench without its power stage. What it reports as measured is not "
        "real then; the EV goes on without waiting for the outlet voltage, and cases that need power are not testable.",
        _MAKER,
    )
    evse_id: Text | None = item(None, "The EVSEID that it sends; unset: any is accepted.", _ISO20)
    authorisation: Literal["free", "external"] = item(
        "external", "free: EIM succeeds by itself; external: the bench action `authorise` is needed.", _ISO20
    )
    authorisation_time: Seconds = item(
        30.0, "From the bench action (or the request, when free) until EIM has succeeded.", _PRACTICE
    )
    cable_check_duration: Seconds = item(
        30.0, "Longest that the cable check takes; at most 40 s.", "V2G_EVCC_CableCheck_Timeout"
    )
    precharge_duration: Seconds = item(7.0, "Longest that precharge takes; at most 10 s.", "V2G_EVCC_PreCharge_Timeout")
    precharge_tolerance: VoltageTolerance = item(
        Tolerance(amount=20.0), "How near the outlet comes to the EV's voltage.", "IEC 61851-23 practice"
    )
    schedule_duration: Seconds = item(
        55.0, "Longest that ScheduleExchange stays Ongoing; at most 55 s.", "V2G_SECC_Ongoing_Performance_Time"
    )
    efficiency: Share = item(0.95, "DC power over AC power when charging at nominal power.", _MAKER)
    discharge_efficiency: Share = item(0.95, "AC power over DC power when discharging at nominal power.", _MAKER)
    standby_power: Magnitude = item(100.0, "What it draws from the grid without an EV.", _MAKER)
    meter_accuracy: PowerTolerance = item(Tolerance(amount=50.0, share=0.02), "Uncertainty of its own meter.", _MAKER)
    discharge_limit_sign: Literal["positive", "negative", "unknown"] = item(
        "unknown",
        "Sign of the discharge limits that it sends; both readings of the standard are in the field.",
        "[V2G20-1034]",
    )
    ramp_limitation_unit: Literal["W/s", "%/min"] = item(
        "W/s", "Unit of the EVSEPowerRampLimitation that it sends.", _MAKER
    )
    pause_duration: Seconds = item(3600.0, "How long it remembers a paused session.", _MAKER)
    wake_up_time: Seconds = item(10.0, "After a pause, until it answers again.", _MAKER)
    sessions_at_once: Annotated[int, Field(ge=1, le=100)] = item(
        1, "How many EVs it can serve at the same time.", _MAKER
    )


class EvccPixit(DcPixit):
    """An EV's EVCC."""

    evcc_id: Text | None = item(None, "The EVCCID that it sends; unset: any is accepted.", _ISO20)
    battery_capacity: WattHours = item(0.0, "Usable energy of its battery; 0: unknown.", _MAKER)
    minimum_soc: Percent = item(20, "State of charge in % below which it does not discharge.", _MAKER)
    target_soc: Percent = item(80, "State of charge in % that it aims for.", _MAKER)
    maximum_soc: Percent = item(100, "State of charge in % at which it stops charging.", _MAKER)
    start_time: Seconds = item(30.0, "From plugging in until its first message.", _PRACTICE)
    loop_pace: Seconds = item(
        0.25, "From a loop response to its next loop request.", "V2G_EVCC_Sequence_Performance_Time"
    )
    energy_service: Literal["any", "AC", "AC_BPT", "DC", "DC_BPT", "MCS", "MCS_BPT"] = item(
        "any", "The energy service that it prefers.", _MAKER
    )
    wake_up_time: Seconds = item(30.0, "After a wake-up, until it begins a session.", _MAKER)


class StationPixit(PowerPixit):
    """A charging station over OCPP. Its powers hold for one EVSE."""

    phases: Literal[1, 3] = item(3, "AC phases of its supply.", _MAKER)
    nominal_frequency: Hertz = item(50.0, "Grid frequency.", _MAKER)
    efficiency: Share = item(0.95, "DC power over AC power when charging at nominal power; 1 for AC outlets.", _MAKER)
    meter_accuracy: PowerTolerance = item(Tolerance(amount=50.0, share=0.02), "Uncertainty of its own meter.", _MAKER)
    standby_power: Magnitude = item(100.0, "What an EVSE draws from the grid while no energy is transferred.", _MAKER)
    connect_time: Seconds = item(60.0, "From the start of a run until it has connected.", _PRACTICE)
    boot_time: Seconds = item(180.0, "From power-on or reset until BootNotification.", _PRACTICE)
    reconnect_time: Seconds = item(120.0, "After a lost connection, until it is back.", _PRACTICE)
    answer_time: Seconds = item(10.0, "Until it answers a request.", _PRACTICE)
    start_time: Seconds = item(60.0, "From plug-in and authorisation until energy flows.", _PRACTICE)
    update_time: Seconds = item(600.0, "From UpdateFirmware until the firmware is installed.", _PRACTICE)
    meter_interval: Seconds = item(10.0, "Interval of sampled meter values that cases set.", _PRACTICE)
    id_token: Text = item("TEST-VALID-01", "An id token that the harness, as CSMS, accepts.")
    id_token_type: Text = item("ISO14443", "Type of that token.")
    invalid_id_token: Text = item("TEST-INVALID-01", "An id token that the harness, as CSMS, refuses.")
    profile_stack_levels: Annotated[int, Field(ge=1, le=1000)] = item(
        1, "How many stack levels it keeps.", "SmartChargingCtrlr.ProfileStackLevel"
    )
    periods_per_schedule: Annotated[int, Field(ge=1, le=1024)] = item(
        1, "How many periods a schedule may have.", "SmartChargingCtrlr.PeriodsPerSchedule"
    )
    heartbeat_interval: Seconds = item(60.0, "Heartbeat interval that the harness, as CSMS, gives at boot.", _PRACTICE)
    network_interface: Text = item("Wired0", "ocppInterface of network profiles that cases write.", _PRACTICE)


class CsmsPixit(Section):
    """A central system over OCPP."""

    id_token: Text | None = item(
        None,
        "An id token that it accepts, with V2X also for discharging; cases that start a transaction need it.",
        _MAKER,
    )
    id_token_type: Text = item("ISO14443", "Type of that token.", _MAKER)
    invalid_id_token: Text = item("UNKNOWN-TOKEN-01", "An id token that it refuses, for it does not know it.", _MAKER)
    blocked_id_token: Text | None = item(None, "An id token that it knows as blocked.", _MAKER)
    expired_id_token: Text | None = item(None, "An id token that it knows as expired.", _MAKER)
    group_id_token: Text | None = item(None, "An id token that it accepts, and that belongs to a group.", _MAKER)
    charge_only_id_token: Text | None = item(
        None, "An id token that it accepts for charging, and not for discharging.", _MAKER
    )
    energy_price: Price | None = item(
        None, "Price of a kWh taken with `id_token`, where nothing else is charged for.", _MAKER
    )
    energy_credit: Price | None = item(None, "What a kWh given back with `id_token` is worth.", _MAKER)
    boot_required: bool = item(
        False,
        "true: it serves a station that connects only after a BootNotification that it accepted, also one that it "
        "accepted on an earlier connection.",
        _MAKER,
    )
    vendor: Text = item("v2x-harness", "Vendor name that the harness, as station, gives at boot.", _PRACTICE)
    model: Text = item("reference", "Model that the harness, as station, gives at boot.", _PRACTICE)
    serial: Text = item(
        "0001",
        "Serial number that the harness, as station, gives at boot; the CN of its certificate in profile 3.",
        _PRACTICE,
    )
    answer_time: Seconds = item(10.0, "Until it answers a request.", _PRACTICE)
    boot_time: Seconds = item(60.0, "From BootNotification until it accepts the station.", _PRACTICE)
    request_timeout: Seconds = item(30.0, "Until it gives up a request of its own that nobody answers.", _PRACTICE)
    reaction_time: Seconds = item(10.0, "From a cause (needs of an EV, a bench action) until it acts.", _PRACTICE)
    maximum_charge_power: Magnitude = item(11000.0, "Charge power of each EVSE that the harness plays.", _PRACTICE)
    maximum_discharge_power: Magnitude = item(
        11000.0, "Discharge power of each EVSE that the harness plays.", _PRACTICE
    )


class AggregatorPixit(Section):
    """An aggregator over OpenADR. Its powers hold for all its resources together."""

    poll_interval: Seconds = item(60.0, "How often it asks for events.", _MAKER)
    reaction_time: Seconds = item(60.0, "From an event's start until the first setpoint leaves it.", _PRACTICE)
    report_interval: Seconds = item(60.0, "How often it reports.", _MAKER)
    lead_time: Seconds = item(300.0, "Least notice before an event that it can follow.", _MAKER)
    maximum_charge_power: Magnitude = item(0.0, "Most that its resources can charge with.", _MAKER)
    maximum_discharge_power: Magnitude = item(0.0, "Most that its resources can discharge with.", _MAKER)
    setpoint_tolerance: PowerTolerance = item(
        Tolerance(amount=500.0, share=0.05), "Permitted deviation from a setpoint.", _PRACTICE
    )


class Pixit(Section):
    """Per role."""

    secc: SeccPixit = item(SeccPixit(), "Of the SECC.")
    evcc: EvccPixit = item(EvccPixit(), "Of the EVCC.")
    station: StationPixit = item(StationPixit(), "Of the charging station.")
    csms: CsmsPixit = item(CsmsPixit(), "Of the central system.")
    aggregator: AggregatorPixit = item(AggregatorPixit(), "Of the aggregator.")
