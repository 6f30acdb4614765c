"""Rules about meter values: signs, registers, and what the bench meter says to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from harness.link.observation import Observation, Sample
from harness.link.trace import Trace
from harness.ocpp import readings as told
from harness.ocpp.csms.metering import EXPORT_REGISTER, IMPORT_REGISTER
from harness.ocpp.csms.records import Reading
from harness.rules.context import RuleContext
from harness.verdict.check import Check
from harness.verdict.declare import rule

_CASE = "TC_STATION_Transaction_001"
_REGISTERS = (IMPORT_REGISTER, EXPORT_REGISTER)
_MAGNITUDES = (
    "Power.Active.Import",
    "Power.Active.Export",
    "Current.Import",
    "Current.Export",
    *_REGISTERS,
)
_ROUNDING = 1.0
"""Wh: a register told in kWh with three decimals, or in whole Wh."""
_AROUND = 2.5
"""Seconds around a meter value in which the bench meter must have seen that power."""


@rule(
    "RULE_OcppMetering_001",
    role="station",
    link="ocpp",
    covers="J02.FR.16",
    detects="station-registers-fall",
    exercised_by=_CASE,
)
def registers_never_fall(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station's energy registers never fall."""
    places = _places(trace)
    last: dict[tuple[str, str, str], Reading] = {}
    for seen in _values(trace):
        for each in told.meter_readings(seen):
            if each.measurand not in _REGISTERS:
                continue
            key = (_place(places, seen), each.measurand, each.phase)
            before = last.get(key)
            if before is not None and each.at < before.at:
                continue  # told again with the end of a transaction: it is older than what was told last
            last[key] = each
            if before is not None:
                check.holds(
                    each.value >= before.value - _ROUNDING,
                    expected=f"{each.measurand} of at least {before.value:g} Wh, as it was before",
                    actual=f"{each.value:g} Wh",
                    seen=seen,
                    advice="Count import and export in two registers that only rise.",
                )


@rule(
    "RULE_OcppMetering_002",
    role="station",
    link="ocpp",
    covers="OCPP:import-export-sign",
    detects="station-negative-export",
    exercised_by="TC_STATION_CentralSetpoint_001",
)
def magnitudes_are_not_negative(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station tells import and export as magnitudes, each under its own name."""
    slack = context.pixit.station.meter_accuracy.at(0.0)
    for seen in _values(trace):
        for each in told.meter_readings(seen):
            if each.measurand in _MAGNITUDES:
                check.holds(
                    each.value >= -slack if each.unit == "W" else each.value >= -_ROUNDING,
                    expected=f"{each.measurand} of 0 or more",
                    actual=f"{each.value:g} {each.unit}",
                    seen=seen,
                    advice="The measurand says the direction; tell exported power as Power.Active.Export, without a sign.",
                )


@rule(
    "RULE_OcppMetering_003",
    role="station",
    link="ocpp",
    covers="OCPP:meter-values-are-true",
    detects=("station-meter-reversed", "station-kilo-values", "station-meter-too-high"),
    exercised_by="TC_STATION_CentralSetpoint_001",
)
def reported_power_is_what_flows(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station reports the power that the bench meter sees, wherever that is steady around the report."""
    samples, places, late = trace.of(Sample), _places(trace), _late(trace, context)
    if not samples:
        return
    pixit, accuracy = context.pixit.station, context.description.bench.meter.accuracy
    fine = any(not (_net(each.message) or 0.0).is_integer() for each in samples)
    for seen in _values(trace):
        power = told.reported_power(seen)
        near = samples.between(seen.at - _AROUND, seen.at + _AROUND)
        around = [each.message.power for each in near]
        if power is None or len(around) < 2 or seen.number in late or _place(places, seen) not in ("", "1"):
            continue
        if not near[0].at <= seen.at <= near[-1].at:
            continue  # what the bench meter has not looked at yet may have begun after its last reading
        around += _means(near) if fine else []
        most = max(abs(each) for each in around)
        slack = pixit.meter_accuracy.at(most) + accuracy.at(most)
        if max(around) - min(around) > 2 * slack:
            continue  # between two readings of the bench meter it may have been anything
        check.holds(
            min(around) - slack <= power <= max(around) + slack,
            expected=f"{min(around):g} to {max(around):g} W (± {slack:g} W), as the bench meter saw around then",
            actual=f"{power:g} W",
            seen=seen,
            advice="Check the direction in which the meter is installed, and the unit of what it reports.",
        )


def _means(samples: Sequence[Observation]) -> list[float]:
    """The mean power (W) between each two samples by the energy that the instrument counted, where it counts any: it tells of
    power that came and went between two readings. A counter of whole Wh is too coarse for that."""
    counted = [(each.at, _net(each.message)) for each in samples]
    return [
        (after - before) * 3600.0 / (late - early)
        for (early, before), (late, after) in pairwise(counted)
        if before is not None and after is not None and late > early
    ]


def _net(sample: Sample) -> float | None:
    if sample.energy_import is None:
        return None
    return sample.energy_import - (sample.energy_export or 0.0)


@rule(
    "RULE_OcppMetering_004",
    role="station",
    link="ocpp",
    covers="OCPP:meter-values-are-true",
    detects="station-registers-stuck",
    exercised_by=_CASE,
)
def registers_count_what_flows(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station's registers count the energy that the bench meter sees, import and export apart."""
    places, late = _places(trace), _late(trace, context)
    for measurand, sign in ((IMPORT_REGISTER, 1.0), (EXPORT_REGISTER, -1.0)):
        found = [
            (seen, value)
            for seen in _values(trace)
            if (value := told.measured(seen, measurand)) is not None
            and seen.number not in late
            and _place(places, seen) in ("", "1")
        ]
        if len(found) >= 2:
            _judge_energy(trace, check, context, found[0], found[-1], measurand, sign)


def _late(trace: Trace, context: RuleContext) -> frozenset[int]:
    """The frames whose values were taken well before they were told: what they tell about is past. The station's clock need
    not be the tester's: the lag of its timeliest values counts as none. What was taken in the middle of what the bench meter is
    asked about is timely."""
    lags = {
        seen.number: [_lag(seen, each.at, context) for each in told.meter_readings(seen)] for seen in _values(trace)
    }
    skew = min((lag for each in lags.values() for lag in each), key=abs, default=0.0)
    stale = {number for number, each in lags.items() if each and min(each) - skew > _AROUND / 2}
    return frozenset(stale | {seen.number for seen in _values(trace) if told.offline(seen)})


def _lag(seen: Observation, taken: datetime, context: RuleContext) -> float:
    return (context.wall(seen.at) - taken).total_seconds()


_Told = tuple[Observation, float]


def _judge_energy(
    trace: Trace, check: Check, context: RuleContext, first: _Told, last: _Told, measurand: str, sign: float
) -> None:
    """Between two readings of a register the bench meter must have seen that energy."""
    samples = trace.of(Sample).between(first[0].at - _AROUND, last[0].at + _AROUND)
    if len(samples) < 2 or samples[0].at > first[0].at + _AROUND or samples[-1].at < last[0].at - _AROUND:
        return
    flowed = sum(
        max(sign * a.message.power, 0.0) * (min(b.at, last[0].at) - max(a.at, first[0].at)) / 3600.0
        for a, b in pairwise(samples)
        if min(b.at, last[0].at) > max(a.at, first[0].at)
    )
    most = max(abs(each.message.power) for each in samples)
    hours = (last[0].at - first[0].at) / 3600.0
    pixit, accuracy = context.pixit.station, context.description.bench.meter.accuracy
    slack = (pixit.meter_accuracy.at(most) + accuracy.at(most)) * hours + most * 2 * _AROUND / 3600.0 + _ROUNDING
    counted = last[1] - first[1]
    check.holds(
        abs(counted - flowed) <= slack,
        expected=f"{measurand} to rise by {flowed:.1f} Wh (± {slack:.1f} Wh) since frame {first[0].number}",
        actual=f"{counted:.1f} Wh",
        seen=last[0],
        advice="Compare the register with a meter at the grid terminals; see unit, direction, and what it counts.",
    )


def _values(trace: Trace) -> Iterator[Observation]:
    """Every request of the station that may carry meter values."""
    for seen in trace.link("ocpp").sent_by("station"):
        if told.request(seen) is not None:
            yield seen


def _places(trace: Trace) -> Mapping[str, str]:
    """The EVSE of each transaction that told one, as text."""
    found: dict[str, str] = {}
    for seen in _values(trace):
        identifier, place = told.transaction_id(seen), told.value_at(told.request(seen), "evse.id")
        if identifier is not None and place is not None:
            found.setdefault(identifier, str(place))
    return found


def _place(places: Mapping[str, str], seen: Observation) -> str:
    """The EVSE that a request is about, as text; empty where neither it nor its transaction says."""
    content = told.request(seen)
    for path in ("evse.id", "evseId", "connectorId"):
        if (found := told.value_at(content, path)) is not None:
            return str(found)
    return places.get(told.transaction_id(seen) or "", "")
