"""DER control as cases prepare it: what controls look like, a station without any, one that is steered, and what follows.

Block R counts what is given to the grid as +. Names of voltages are percent of nominal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from harness.actor.csms import Csms
from harness.actor.grid_control import NOMINAL_VOLTS, GridControl
from harness.actor.station_under_test import StationUnderTest
from harness.errors import Inconclusive
from harness.grid.battery import Curve, interpolate
from harness.link.observation import Observation
from harness.ocpp.csms.periods import central_setpoint
from harness.ocpp.readings import outcome
from harness.verdict.check import Check
from harness.verdict.limits import equals

REACTIVE = ("Power.Reactive.Import", "Power.Reactive.Export")
"""The measurands of reactive power."""
VOLTS_MARGIN, HERTZ_MARGIN = 1.5, 0.015
"""By how much an inverter may misjudge the mains: one and a half times 1 % of nominal voltage, and 10 mHz."""
SETTINGS_TIME = 30.0
"""Seconds that a station may take to execute a changed setting of its inverter, and by which it may lag behind the times of
a scheduled control: stacks that look at these each 30 s are in the field."""
_REFUSED = (
    "A control of a type that DCDERCtrlr.ModesSupported lists is taken; see which part of it the station dislikes."
)


@dataclass(frozen=True, slots=True)
class DerRating:
    """What the inverter of EVSE 1 can do by DCDERCtrlr: W, var given, var taken, VA. Magnitudes."""

    watts: float
    vars_given: float
    vars_taken: float
    volt_amperes: float


async def der_rating(csms: Csms) -> DerRating:
    """Asked for now; `Inconclusive` where the station does not tell MaxW, without which no percentage can be judged."""
    told = [await csms.get_variable("DCDERCtrlr", name, evse=1) for name in ("MaxW", "MaxVar", "MaxVarNeg", "MaxVA")]
    watts, given, taken, apparent = (_figure(each) for each in told)
    if watts <= 0:
        raise Inconclusive(f"DCDERCtrlr.MaxW of EVSE 1 is told as {told[0]}, so that no percentage can be judged")
    return DerRating(watts, given, taken or given, apparent or watts)


async def without_der(csms: Csms, station: StationUnderTest) -> None:
    """A station without DER controls, as far as it clears what it had."""
    await station.ready()
    await csms.clear_der(True)
    await csms.clear_der(False)


async def steered(csms: Csms, station: StationUnderTest, watts: float, *, reactive: bool = False) -> None:
    """A transaction without DER controls that has come to a setpoint (W, + = charge) and reports it; `Inconclusive` where
    it does not. With `reactive` it reports reactive power too."""
    await without_der(csms, station)
    await station.report_every(also=REACTIVE if reactive else ())
    await station.charging()
    await csms.dispatch(central_setpoint(watts))
    expected = station.expects.power(watts)
    settled = await station.settle(expected)
    shown = {reading: [reading(seen) for seen in station.seen.since(settled)] for reading in expected}
    for reading, limit in expected.items():
        values = [value for value in shown[reading] if value is not None]
        if values and not limit.holds(values[-1]):
            raise Inconclusive(f"the station does not follow a setpoint of {watts:g} W, but shows {values[-1]:g} W")


async def install_der(
    csms: Csms,
    check: Check,
    kind: str,
    body: Mapping[str, Any],
    *,
    default: bool = True,
    number: str = "",
    requirement: str = "",
) -> Observation:
    """Set a control, whose type has to be supported (R04.FR.02, .05); the answer. `Inconclusive` where the station rejects it,
    as it may for figures that it cannot keep."""
    sent = await csms.set_der(kind, {"priority": 1, **body}, default=default, number=number or f"tester-{kind}")
    if sent.status == "Rejected":
        raise Inconclusive(f"the station rejects {kind} with {dict(body)}, so that nothing shows what it does with one")
    needed = requirement or ("R04.FR.02" if default else "R04.FR.05")
    check.that(sent.outcome, outcome, equals("Accepted"), requirement=needed, advice=_REFUSED)
    return sent.outcome


def der_curve(*points: tuple[float, float], unit: str = "PctMaxW", **more: Any) -> dict[str, Any]:
    """A DERCurve; `more` are members of its own, such as responseTime."""
    data = [{"x": round(x, 3), "y": round(y, 3)} for x, y in points]
    return {"yUnit": unit, "curveData": data, **more}


def scheduled(csms: Csms, body: Mapping[str, Any], *, after: float, lasting: float) -> dict[str, Any]:
    """The control from `after` s from now on, for `lasting` s."""
    start = csms.clock.wall() + timedelta(seconds=after)
    return {**body, "startTime": f"{start:%Y-%m-%dT%H:%M:%SZ}", "duration": lasting}


async def disturb(
    grid: GridControl, station: StationUnderTest, *, answer: float = 0.0, percent: float = 100.0, hertz: float = 50.0
) -> Observation:
    """Make the mains, and give a function that must have come 90 % of its way after `answer` s twice that time."""
    changed = await grid.set(volts=percent / 100 * NOMINAL_VOLTS, hertz=hertz)
    await station.watch(grid.settling_time + 2 * answer)
    return changed


def on_curve(points: Curve, x: float, margin: float) -> tuple[float, float]:
    """The least and the most that a curve says around `x`."""
    inner = [y for at, y in points if abs(at - x) < margin]
    found = [*inner, *(interpolate(points, each) for each in (x - margin, x, x + margin))]
    return min(found), max(found)


def _figure(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
