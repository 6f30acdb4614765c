"""Meter values as the wire carries them, from readings; one place that knows the sign of each measurand (block J)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from harness.ocpp.station.evse import Control, Reading
from harness.ocpp.station.wire import stamp
from harness.ocppj.versions import Version

_Source = Callable[[Reading, Control], float | None]


def _sum_of(reading: Reading, control: Control) -> float | None:
    return None if control.setpoint is None else reading.power - control.setpoint


MEASURANDS: Mapping[str, tuple[str, _Source]] = {
    "Energy.Active.Import.Register": ("Wh", lambda r, _: r.energy_import),
    "Energy.Active.Export.Register": ("Wh", lambda r, _: r.energy_export),
    "Energy.Active.Net": ("Wh", lambda r, _: r.energy_import - r.energy_export),
    "Power.Active.Import": ("W", lambda r, _: max(r.power, 0.0)),
    "Power.Active.Export": ("W", lambda r, _: max(-r.power, 0.0)),
    "Power.Active.Setpoint": ("W", lambda _, c: c.setpoint),
    "Power.Active.Residual": ("W", _sum_of),
    "Power.Reactive.Import": ("var", lambda r, _: max(r.reactive, 0.0)),
    "Power.Reactive.Export": ("var", lambda r, _: max(-r.reactive, 0.0)),
    "Power.Offered": ("W", lambda _, c: c.limit),
    "Power.Import.Offered": ("W", lambda _, c: c.limit),
    "Power.Export.Offered": ("W", lambda _, c: -c.discharge_limit),
    "Current.Import": ("A", lambda r, _: None if r.current is None else max(r.current, 0.0)),
    "Current.Export": ("A", lambda r, _: None if r.current is None else max(-r.current, 0.0)),
    "Voltage": ("V", lambda r, _: r.voltage),
    "Frequency": ("Hz", lambda r, _: r.frequency),
    "SoC": ("Percent", lambda r, _: r.soc),
}
"""Unit and source of what the meter can tell. Import and Export are never negative; Setpoint, Residual and Net carry a sign.
The residual is what is measured minus what was asked for."""

_OF_THE_EV = ("SoC",)
_SINCE_2_1 = frozenset(
    {"Power.Active.Setpoint", "Power.Active.Residual", "Power.Import.Offered", "Power.Export.Offered"}
)


def told_by(version: Version) -> frozenset[str]:
    """The measurands that this meter tells in a version."""
    return frozenset(MEASURANDS) if version == "2.1" else frozenset(MEASURANDS) - _SINCE_2_1


def meter_value(reading: Reading, control: Control, measurands: Iterable[str], context: str) -> dict[str, Any] | None:
    """MeterValueType with all that can be told now; None when nothing can (an empty one is not allowed)."""
    sampled = []
    for name in dict.fromkeys(measurands):
        unit, source = MEASURANDS.get(name, ("", lambda _r, _c: None))
        value = source(reading, control)
        if value is not None:
            sampled.append(
                {
                    "value": round(value, 3),
                    "measurand": name,
                    "context": context,
                    "location": "EV" if name in _OF_THE_EV else "Outlet",
                    "unitOfMeasure": {"unit": unit},
                }
            )
    return {"timestamp": stamp(reading.at), "sampledValue": sampled} if sampled else None
