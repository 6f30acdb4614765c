"""Rules about power: what the SECC reports and what the bench meter shows, against all limits that hold.

+ = charge, - = discharge. Limits of the EV that change get the PIXIT's ramp and settling time before they are judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from harness.device.units import Tolerance
from harness.link.observation import Observation, Sample
from harness.link.trace import Trace
from harness.messages import dc
from harness.messages.common_messages import PowerDeliveryReq, PowerDeliveryRes, chargeProgressType
from harness.quantity import number
from harness.rules.context import RuleContext
from harness.rules.replay import answered, steps
from harness.v2g.envelope import Envelope, envelope_of
from harness.v2g.sequence import LOOPING
from harness.verdict.check import Check
from harness.verdict.declare import rule


def _settled(trace: Trace, context: RuleContext) -> Iterator[tuple[Observation, Envelope]]:
    """Loop responses with the EV limits that have held long enough to be followed."""
    patience = context.pixit.secc.ramp_time + context.pixit.secc.settling_time
    history: dict[int, list[tuple[float, Envelope]]] = {}
    for pair in answered(trace):
        if not isinstance(pair.request.message, dc.DC_ChargeLoopReq) or pair.response is None:
            continue
        known = history.setdefault(pair.request.connection, [])
        said = (pair.session.ev_limits or Envelope()).updated(envelope_of(pair.request.message.CLReqControlMode))
        known.append((pair.request.at, said))
        if isinstance(pair.response.message, dc.DC_ChargeLoopRes):
            recent = [each for at, each in known if at >= pair.response.at - patience]
            yield pair.response, _loosest(recent)


def _loosest(envelopes: list[Envelope]) -> Envelope:
    """The widest of the limits that were announced lately."""

    def widest(name: str) -> float | None:
        values = [getattr(each, name) for each in envelopes]
        return None if None in values or not values else max(values)

    names = ("max_charge_power", "max_charge_current", "max_discharge_power", "max_discharge_current", "max_voltage")
    limits: dict[str, Any] = {name: widest(name) for name in names}
    return Envelope(**limits)


def _within(
    check: Check, seen: Observation, what: str, value: float, limit: float | None, slack: float, unit: str
) -> None:
    if limit is None:
        return
    check.holds(
        value <= limit + slack,
        expected=f"{what} of at most {limit:g} {unit} (+ {slack:g} {unit})",
        actual=f"{value:.4g} {unit}",
        seen=seen,
        advice="Clip the set-point of the power stage to the smaller of the EV's and the EVSE's limits in every cycle.",
    )


@rule(
    "RULE_Power_001",
    role="secc",
    link="v2g",
    covers="[V2G20-2188]",
    detects=("secc-ignores-ev-charge-current-limit", "secc-ignores-ev-discharge-limit"),
    exercised_by=("TC_SECC_Limits_002", "TC_SECC_Limits_003"),
)
def reported_flow_is_within_the_limits_of_the_ev(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC reports no more current and power than the EV allows, in either direction."""
    if not context.pixit.secc.power_electronics:
        return  # what is reported as measured is not real then
    pixit = context.pixit.secc
    for seen, limits in _settled(trace, context):
        current, voltage = number(seen.message.EVSEPresentCurrent), number(seen.message.EVSEPresentVoltage)
        way, sign = ("discharge", -1) if current < 0 else ("charge", 1)
        amperes, watts = sign * current, sign * current * voltage
        most_amperes = getattr(limits, f"max_{way}_current")
        most_watts = getattr(limits, f"max_{way}_power")
        _within(
            check, seen, f"{way} current", amperes, most_amperes, pixit.current_tolerance.at(most_amperes or 0), "A"
        )
        _within(check, seen, f"{way} power", watts, most_watts, pixit.setpoint_tolerance.at(most_watts or 0), "W")


@rule(
    "RULE_Power_002",
    role="secc",
    link="v2g",
    covers="[V2G20-2188]",
    detects="secc-ignores-ev-voltage-limit",
    exercised_by="TC_SECC_Limits_007",
)
def reported_voltage_is_within_the_limit_of_the_ev(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC reports no more voltage than the EV allows, while current flows.

    Without current the voltage on the cable is the battery's own.
    """
    if not context.pixit.secc.power_electronics:
        return  # what is reported as measured is not real then
    for seen, limits in _settled(trace, context):
        if abs(number(seen.message.EVSEPresentCurrent)) <= context.pixit.secc.current_tolerance.at(0.0):
            continue
        slack = context.pixit.secc.voltage_tolerance.at(limits.max_voltage or 0)
        _within(check, seen, "voltage", number(seen.message.EVSEPresentVoltage), limits.max_voltage, slack, "V")


@rule(
    "RULE_Power_003",
    role="secc",
    link="v2g",
    covers="V2G20:no-discharge-without-bpt",
    detects="secc-discharges-in-dc",
    exercised_by="TC_SECC_NonBpt_001",
)
def nothing_is_discharged_without_bpt(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC lets no current flow back in a service without bidirectional power transfer."""
    if not context.pixit.secc.power_electronics:
        return  # what is reported as measured is not real then
    slack = context.pixit.secc.current_tolerance.at(0.0)
    for step in steps(trace):
        if isinstance(step.seen.message, dc.DC_ChargeLoopRes) and not step.session.bidirectional:
            current = number(step.seen.message.EVSEPresentCurrent)
            check.holds(
                current >= -slack,
                expected="no current from the EV in service 2 (DC)",
                actual=f"{current:g} A",
                seen=step.seen,
                advice="Block negative set-points unless the selected service is a BPT one.",
            )


@rule(
    "RULE_Power_004",
    role="secc",
    link="v2g",
    covers=("V2G20:no-current-before-start", "V2G20:no-current-after-stop"),
    detects=("secc-keeps-power-after-stop", "secc-powers-before-start"),
    exercised_by=("TC_SECC_Stop_001", "TC_SECC_Start_001"),
)
def power_flows_only_between_start_and_stop(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC lets power flow only from PowerDelivery Start to Stop, by the bench meter."""
    pixit = context.pixit.secc
    idle = pixit.standby_power + pixit.setpoint_tolerance.at(0.0)
    spans = _power_spans(trace, pixit.settling_time)
    for seen in trace.link("meter").of(Sample):
        if not any(start <= seen.at <= end for start, end in spans):
            check.holds(
                abs(seen.message.power) <= idle,
                expected=f"at most {idle:g} W outside power delivery",
                actual=f"{seen.message.power:+.0f} W at the grid terminals",
                seen=seen,
                advice="Close the contactors and enable the power stage only between PowerDelivery Start and Stop.",
            )


def _power_spans(trace: Trace, settling: float) -> list[tuple[float, float]]:
    """When power may flow: from each granted start to `settling` s after each stop or the end of its connection."""
    spans: list[tuple[float, float]] = []
    began: dict[int, float] = {}
    for step in steps(trace):
        if step.before in LOOPING:
            began.setdefault(step.seen.connection, step.seen.at)
        if isinstance(step.seen.message, PowerDeliveryReq):
            if step.seen.message.ChargeProgress is chargeProgressType.Start:
                began.setdefault(step.seen.connection, step.seen.at)
        elif (
            isinstance(step.seen.message, PowerDeliveryRes) and step.before in LOOPING and _stops(step.session.pending)
        ):
            spans.append((began.pop(step.seen.connection, step.seen.at), step.seen.at + settling))
    for connection, start in began.items():
        last = trace.link("v2g").where(lambda seen: seen.connection == connection).last  # noqa: B023
        spans.append((start, (last.at if last else start) + settling))
    return spans


def _stops(pending: object) -> bool:
    request = getattr(pending, "request", None)
    return getattr(request, "ChargeProgress", None) is chargeProgressType.Stop


@rule(
    "RULE_Power_005",
    role="secc",
    link="v2g",
    covers=("[V2G20-1034]", "[V2G20-1035]"),
    detects=("secc-reports-wrong-sign", "secc-meter-lies"),
    exercised_by="TC_SECC_Metering_003",
)
def report_and_meter_agree(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC reports current and voltage that agree, in sign and size, with the power at the grid terminals."""
    if not context.pixit.secc.power_electronics:
        return  # what is reported as measured is not real then
    pixit = context.pixit.secc
    responses = list(trace.link("v2g").sent_by("secc").of(dc.DC_ChargeLoopRes))
    for metered, window in _steady_stretches(list(trace.link("meter").of(Sample)), responses, pixit.setpoint_tolerance):
        seen = window[len(window) // 2]
        reported = _reported(seen)
        low, high = _grid_band(reported, pixit.efficiency, pixit.discharge_efficiency)
        accuracy = context.description.bench.meter.accuracy.at(metered)
        slack = pixit.setpoint_tolerance.at(reported) + accuracy + pixit.standby_power
        check.holds(
            low - slack <= metered <= high + slack,
            expected=f"a report that fits {metered:+.0f} W at the grid terminals",
            actual=f"{reported:+.0f} W reported at the outlet",
            seen=seen,
            advice="Report measured values, negative while the EV discharges; check the sign of the current sensor.",
        )


_AROUND = 0.75
"""Seconds before and after two samples for which reports have to be steady as well; else a pulse could hide there."""
_LONGEST_STRETCH = 2.5
"""Seconds between two samples that still say something about the time between them."""


def _steady_stretches(
    samples: list[Observation], responses: list[Observation], tolerance: Tolerance
) -> Iterator[tuple[float, list[Observation]]]:
    """Metered power and loop responses of each stretch between two samples in which neither changes."""
    for before, after in pairwise(samples):
        first, second = before.message.power, after.message.power
        if after.at - before.at > _LONGEST_STRETCH or abs(first - second) > tolerance.at(first):
            continue
        window = [each for each in responses if before.at - _AROUND <= each.at <= after.at + _AROUND]
        powers = [_reported(each) for each in window]
        covered = len(window) >= 3 and window[0].at <= before.at and window[-1].at >= after.at
        if covered and max(powers) - min(powers) <= tolerance.at(powers[0]):
            yield (first + second) / 2, window


def _reported(response: Observation) -> float:
    return number(response.message.EVSEPresentCurrent) * number(response.message.EVSEPresentVoltage)


def _grid_band(outlet: float, charging: float, discharging: float) -> tuple[float, float]:
    """The power at the grid terminals that fits a power at the outlet, from lossless to twice the described losses."""
    if outlet >= 0:
        return outlet, outlet / max(0.5, 1 - 2 * (1 - charging))
    return outlet, outlet * max(0.0, 1 - 2 * (1 - discharging))
