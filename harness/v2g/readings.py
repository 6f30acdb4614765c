"""Readings: one value out of one observation, for checks and rules. Each is the one place that knows the sign.

Powers in W, currents in A, voltages in V; + = charge, - = discharge unless a reading says that it is a magnitude. A
reading that finds nothing to read returns None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.link.observation import Observation, Sample
from harness.messages import dc
from harness.messages.common_messages import ScheduleTupleType
from harness.messages.common_types import RationalNumberType, processingType, responseCodeType
from harness.quantity import number
from harness.v2g.envelope import Envelope, envelope_of
from harness.v2g.sdp import SdpResponse
from harness.v2g.services import Value, parameters_of


def response_code(seen: Observation) -> responseCodeType | None:
    """The ResponseCode of a response."""
    return getattr(seen.message, "ResponseCode", None)


def response_code_name(seen: Observation) -> str | None:
    """The ResponseCode of a response, as its name."""
    code = response_code(seen)
    return None if code is None else str(code.value)


def kind(seen: Observation) -> str:
    """What was seen, by name."""
    return seen.name


def session_id(seen: Observation) -> bytes | None:
    """The SessionID of the header."""
    header = getattr(seen.message, "Header", None)
    return None if header is None else header.SessionID


def evse_id(seen: Observation) -> str | None:
    """The EVSEID of a session setup response."""
    return getattr(seen.message, "EVSEID", None)


def chosen_schema(seen: Observation) -> int | None:
    """The SchemaID that a supportedAppProtocolRes names."""
    return getattr(seen.message, "SchemaID", None)


def offered_services(seen: Observation) -> list[int] | None:
    """The ids of the energy services that a discovery response lists."""
    listed = getattr(seen.message, "EnergyTransferServiceList", None)
    return None if listed is None else [each.ServiceID for each in listed.Service]


def offered_parameters(seen: Observation) -> dict[int, dict[str, Value]] | None:
    """The parameter sets of a service detail response by their ids, as names to values."""
    listed = getattr(seen.message, "ServiceParameterList", None)
    return None if listed is None else {each.ParameterSetID: dict(parameters_of(each)) for each in listed.ParameterSet}


def offered_tuples(seen: Observation) -> tuple[ScheduleTupleType, ...] | None:
    """The schedule tuples of a schedule exchange response in scheduled control."""
    scheduled = getattr(seen.message, "Scheduled_SEResControlMode", None)
    return None if scheduled is None else scheduled.ScheduleTuple


def most_schedule_entries(seen: Observation) -> int | None:
    """The number of entries of the longest schedule in a schedule exchange response."""
    schedules = [
        each
        for offered in offered_tuples(seen) or ()
        for each in (offered.ChargingSchedule, offered.DischargingSchedule)
    ]
    return max(
        (len(each.PowerSchedule.PowerScheduleEntries.PowerScheduleEntry) for each in schedules if each), default=None
    )


def soc_targets(seen: Observation) -> tuple[int | None, int | None] | None:
    """MinimumSOC and TargetSOC of a schedule exchange response in dynamic control, in percent."""
    dynamic = getattr(seen.message, "Dynamic_SEResControlMode", None)
    return None if dynamic is None else (dynamic.MinimumSOC, dynamic.TargetSOC)


def discovery_envelope(seen: Observation) -> Envelope | None:
    """The limits of a charge parameter discovery message as magnitudes, with the sign that discharge limits came with."""
    member = discovery_limits_of(seen.message)
    return None if member is None else envelope_of(member)


def announced_port(seen: Observation) -> int | None:
    """The TCP port of an SDP response."""
    return seen.message.port if isinstance(seen.message, SdpResponse) else None


def announced_endpoint(seen: Observation) -> str | None:
    """Address and port of an SDP response."""
    return f"[{seen.message.address}]:{seen.message.port}" if isinstance(seen.message, SdpResponse) else None


def processing(seen: Observation) -> processingType | None:
    """The EVSEProcessing of a response."""
    return getattr(seen.message, "EVSEProcessing", None)


def reported_current(seen: Observation) -> float | None:
    """EVSEPresentCurrent of a loop response, A."""
    return _rational_of(seen, "EVSEPresentCurrent")


def reported_voltage(seen: Observation) -> float | None:
    """EVSEPresentVoltage of a response, V."""
    return _rational_of(seen, "EVSEPresentVoltage")


def reported_power(seen: Observation) -> float | None:
    """EVSEPresentVoltage times EVSEPresentCurrent, W at the DC outlet."""
    current, voltage = reported_current(seen), reported_voltage(seen)
    return None if current is None or voltage is None else current * voltage


def reported_discharge_power(seen: Observation) -> float | None:
    """The magnitude of the power the SECC reports from the EV, W; 0 while it charges."""
    power = reported_power(seen)
    return None if power is None else max(0.0, -power)


def reported_charge_power(seen: Observation) -> float | None:
    """The magnitude of the power the SECC reports into the EV, W; 0 while it discharges."""
    power = reported_power(seen)
    return None if power is None else max(0.0, power)


def reported_charge_current(seen: Observation) -> float | None:
    """The magnitude of the current the SECC reports into the EV, A; 0 while it discharges."""
    current = reported_current(seen)
    return None if current is None else max(0.0, current)


def reported_discharge_current(seen: Observation) -> float | None:
    """The magnitude of the current the SECC reports from the EV, A; 0 while it charges."""
    current = reported_current(seen)
    return None if current is None else max(0.0, -current)


def notification(seen: Observation) -> str | None:
    """The EVSENotification of a response, as its name; None where there is none."""
    status = getattr(seen.message, "EVSEStatus", None)
    return None if status is None else str(status.EVSENotification.value)


def notification_delay(seen: Observation) -> int | None:
    """The NotificationMaxDelay of a response, s."""
    status = getattr(seen.message, "EVSEStatus", None)
    return None if status is None else int(status.NotificationMaxDelay)


def limit_achieved(seen: Observation) -> bool | None:
    """Whether a loop response says by any of its flags that the EVSE clips what the EV asked for."""
    if not isinstance(seen.message, dc.DC_ChargeLoopRes):
        return None
    said = seen.message
    return said.EVSEPowerLimitAchieved or said.EVSECurrentLimitAchieved or said.EVSEVoltageLimitAchieved


def power_limit_achieved(seen: Observation) -> bool | None:
    """EVSEPowerLimitAchieved of a loop response."""
    return getattr(seen.message, "EVSEPowerLimitAchieved", None)


def loop_variant(seen: Observation) -> str | None:
    """The variant of a loop message without its direction: ``BPT_Dynamic_DC``; None for other messages."""
    element = control_mode_of(seen.message)
    return (
        None
        if element is None
        else type(element).__name__.replace("_CLReqControlMode", "").replace("_CLResControlMode", "")
    )


def announced_charge_power(seen: Observation) -> float | None:
    """EVSEMaximumChargePower of a loop response, W."""
    return field_value(control_mode_of(seen.message), "EVSEMaximumChargePower")


def announced_discharge_power(seen: Observation) -> float | None:
    """EVSEMaximumDischargePower of a loop response as a magnitude, W."""
    said = field_value(control_mode_of(seen.message), "EVSEMaximumDischargePower")
    return None if said is None else abs(said)


def charged_energy(seen: Observation) -> int | None:
    """ChargedEnergyReadingWh of MeterInfo in a response, Wh."""
    return _reading_of(seen, "ChargedEnergyReadingWh")


def discharged_energy(seen: Observation) -> int | None:
    """BPT_DischargedEnergyReadingWh of MeterInfo in a response, Wh."""
    return _reading_of(seen, "BPT_DischargedEnergyReadingWh")


def meter_id(seen: Observation) -> str | None:
    """MeterID of MeterInfo in a response."""
    return getattr(getattr(seen.message, "MeterInfo", None), "MeterID", None)


def metered_power(seen: Observation) -> float | None:
    """Power at the grid terminals by the bench meter, W."""
    return seen.message.power if isinstance(seen.message, Sample) else None


def metered_discharge_power(seen: Observation) -> float | None:
    """The magnitude of the power exported at the grid terminals, W; 0 while importing."""
    power = metered_power(seen)
    return None if power is None else max(0.0, -power)


def metered_charge_power(seen: Observation) -> float | None:
    """The magnitude of the power imported at the grid terminals, W; 0 while exporting."""
    power = metered_power(seen)
    return None if power is None else max(0.0, power)


def metered_reactive_power(seen: Observation) -> float | None:
    """Reactive power at the grid terminals by the bench meter, var: + = absorbed, - = injected."""
    return seen.message.reactive if isinstance(seen.message, Sample) else None


def metered_current(seen: Observation) -> float | None:
    """Current at the DC outlet by the bench meter, A."""
    return seen.message.current if isinstance(seen.message, Sample) else None


def metered_voltage(seen: Observation) -> float | None:
    """Voltage at the DC outlet by the bench meter, V."""
    return seen.message.voltage if isinstance(seen.message, Sample) else None


def above(reading: Callable[[Observation], float | None], value: float) -> Callable[[Observation], bool]:
    """The claim that a reading exceeds a value, for whoever waits until it does."""

    def claim(seen: Observation) -> bool:
        found = reading(seen)
        return found is not None and found > value

    claim.__name__ = f"{reading.__name__} above {value:g}"
    return claim


def control_mode_of(message: Any) -> Any:
    """The control-mode member of a loop message, None for other messages."""
    return getattr(message, "CLReqControlMode", None) or getattr(message, "CLResControlMode", None)


def discovery_limits_of(message: Any) -> Any:
    """The member with the limits of a charge parameter discovery message, None for other messages."""
    if isinstance(message, dc.DC_ChargeParameterDiscoveryReq):
        return message.DC_CPDReqEnergyTransferMode
    if isinstance(message, dc.DC_ChargeParameterDiscoveryRes):
        return message.DC_CPDResEnergyTransferMode
    return None


def field_value(part: Any, name: str) -> float | None:
    """A rational field of a part of a message as a number; None where the part or the field is absent."""
    value = getattr(part, name, None)
    return number(value) if isinstance(value, RationalNumberType) else None


def _reading_of(seen: Observation, name: str) -> int | None:
    return getattr(getattr(seen.message, "MeterInfo", None), name, None)


def _rational_of(seen: Observation, name: str) -> float | None:
    return field_value(seen.message, name)
