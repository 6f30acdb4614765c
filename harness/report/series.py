"""Which fields of which messages make a power curve: the one place that knows. A new protocol adds entries here.

Powers in W at the EVSE's outlet or grid terminals, + = charge, - = discharge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from harness.evidence.reading import Frame
from harness.report import ocpp_series
from harness.report.fields import as_number, find_all, number
from harness.report.ocpp_series import Steps

Kind = Literal["reported", "setpoint", "limit", "measured", "told"]
Point = tuple[float, float]

PLOTTED_AT_MOST = 1e8
"""W. Far above any charger; what claims more is no power but a fault, and would flatten everything else."""


@dataclass(frozen=True, slots=True)
class Line:
    """One quantity over time; `held`: it stays what it is until the next point, or until one of `ends` (s)."""

    label: str
    kind: Kind
    held: bool
    points: tuple[Point, ...]
    ends: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """What one side allows from each moment on: (s, W <= 0 for discharging, W >= 0 for charging)."""

    label: str
    side: Literal["EVSE", "EV"]
    steps: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Everything that one case shows about power. `left_out` values were beyond `PLOTTED_AT_MOST`."""

    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    end: float
    left_out: int


@dataclass(frozen=True, slots=True)
class _Source:
    """A line, and how to read its next value from a frame's message."""

    label: str
    kind: Kind
    held: bool
    frames: tuple[str, ...]
    read: Callable[[Any], float | None]


def _product(volts: str, amperes: str) -> Callable[[Any], float | None]:
    def read(message: Any) -> float | None:
        has = find_all(message, (volts, amperes))
        voltage, current = as_number(has.get(volts)), as_number(has.get(amperes))
        return None if voltage is None or current is None else voltage * current

    return read


def _field(name: str) -> Callable[[Any], float | None]:
    return lambda message: number(message, name)


_SOURCES = (
    _Source(
        "SECC reports (EVSEPresentVoltage × EVSEPresentCurrent)",
        "reported",
        False,
        ("DC_ChargeLoopRes",),
        _product("EVSEPresentVoltage", "EVSEPresentCurrent"),
    ),
    _Source(
        "EV asks for (EVTargetCurrent at EVPresentVoltage)",
        "setpoint",
        True,
        ("DC_ChargeLoopReq",),
        _product("EVPresentVoltage", "EVTargetCurrent"),
    ),
    _Source("bench setpoint", "setpoint", True, ("BenchAction",), _field("watts")),
    _Source("bench meter", "measured", False, ("Sample",), _field("power")),
)


def _read(value: Callable[[Frame], float | None]) -> Callable[[Sequence[Frame]], Steps]:
    return lambda frames: Steps(tuple((each.at, power) for each in frames if (power := value(each)) is not None))


def _asked(field: str) -> Callable[[Sequence[Frame]], Steps]:
    return lambda frames: ocpp_series.profile_steps(frames, field)


_OCPP: tuple[tuple[str, Kind, bool, Callable[[Sequence[Frame]], Steps]], ...] = (
    ("station reports (Power.Active.Import − Export)", "told", False, _read(ocpp_series.reported_power)),
    ("station says it follows (Power.Active.Setpoint)", "setpoint", True, _read(ocpp_series.reported_setpoint)),
    ("CSMS sets (setpoint)", "setpoint", True, _asked("setpoint")),
    ("CSMS sets (limit)", "limit", True, _asked("limit")),
    ("CSMS sets (dischargeLimit)", "limit", True, _asked("dischargeLimit")),
)
"""Label, kind, whether it is held, and the points in the frames of a case."""

_BANDS: tuple[tuple[Literal["EVSE", "EV"], str, str], ...] = (
    ("EVSE", "EVSEMaximumChargePower", "EVSEMaximumDischargePower"),
    ("EV", "EVMaximumChargePower", "EVMaximumDischargePower"),
)


def power_curve(frames: Sequence[Frame]) -> Curve | None:
    """The curve of one case; None when fewer than two powers were seen."""
    lines = [Line(each.label, each.kind, each.held, _points(frames, each)) for each in _SOURCES]
    lines += [_stepped(label, kind, held, steps(frames)) for label, kind, held, steps in _OCPP]
    kept = [_plausible(line) for line in lines if line.points]
    shown = tuple(line for line in kept if line.points)
    if sum(len(line.points) for line in shown) < 2:
        return None
    left_out = sum(len(line.points) for line in lines) - sum(len(line.points) for line in kept)
    bands = tuple(band for each in _BANDS if (band := _band(frames, *each)) is not None)
    end = max(point[0] for line in shown for point in line.points)
    return Curve(shown, bands, end, left_out)


def _points(frames: Iterable[Frame], source: _Source) -> tuple[Point, ...]:
    read = ((frame.at, source.read(frame.message)) for frame in frames if frame.name in source.frames)
    return tuple((at, value) for at, value in read if value is not None)


def _stepped(label: str, kind: Kind, held: bool, steps: Steps) -> Line:
    return Line(label, kind, held, steps.points, steps.ends)


def _plausible(line: Line) -> Line:
    return replace(line, points=tuple(p for p in line.points if abs(p[1]) <= PLOTTED_AT_MOST))


def _band(frames: Iterable[Frame], side: Literal["EVSE", "EV"], charge: str, discharge: str) -> Band | None:
    """Limits as they were last announced. Discharge limits come with either sign in the field, hence the magnitude."""
    steps: list[tuple[float, float, float]] = []
    for frame in frames:
        most = None if frame.event else number(frame.message, charge)
        if most is None or abs(most) > PLOTTED_AT_MOST:
            continue
        limits = (-min(abs(number(frame.message, discharge) or 0.0), PLOTTED_AT_MOST), abs(most))
        if not steps or steps[-1][1:] != limits:
            steps.append((frame.at, *limits))
    return Band(f"{side} limits", side, tuple(steps)) if steps else None
