"""Faulty chargers that no case or rule names yet still show their fault to an EV or to the bench meter.

Cases and rules prove themselves against the mutants that they name; here a tour through two sessions must come out
differently for the others, and alike each time for the sound charger.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from harness.link.observation import Event
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.mutants import MUTANTS
from harness.quantity import rational
from tests.actor.ev import PLAIN, Ev, Yard, in_virtual_time, yard
from tests.v2g import dialogue as d

OTHERS = (
    "secc-changes-discharge-sign",
    "secc-ignores-departure",
    "secc-keeps-first-setpoint",
    "secc-no-first-meter-info",
    "secc-notifies-without-delay",
    "secc-offers-only-scheduled",
    "secc-plain-ok-to-setup",
    "secc-refuses-pause",
    "secc-refuses-renegotiation",
    "secc-refuses-standby",
    "secc-refuses-welding-detection",
    "secc-silent-on-stop",
    "secc-skips-cable-check",
    "secc-slow-setpoint",
    "secc-starts-unprecharged",
    "secc-wrong-length",
)


class Seen(list[Any]):
    """What an EV and a meter saw: messages without what is random or a time, and rounded powers."""

    def message(self, seen: Any) -> Any:
        if isinstance(seen, Event):
            self.append(str(type(seen).__name__))
        else:
            plain = replace(seen, Header=d.header()) if hasattr(seen, "Header") else seen
            self.append(_without_times(plain))
        return seen

    def meter(self, place: Yard) -> None:
        sample = place.secc.meter()
        self.append((round(sample.power), round(sample.voltage or 0)))


def _without_times(message: Any) -> Any:
    if isinstance(message, dc.DC_ChargeLoopRes) and message.MeterInfo is not None:
        return replace(message, MeterInfo=replace(message.MeterInfo, MeterTimestamp=None))
    return message


async def tour(place: Yard) -> Seen:
    seen = Seen()
    try:
        async with asyncio.timeout(300):
            await _session_with_everything(place, seen)
            await _unprecharged_start(place, seen)
    except (AttributeError, TypeError):
        pass  # the faulty charger said something with which the script cannot go on; it is in `seen`
    return seen


async def _session_with_everything(place: Yard, seen: Seen) -> None:
    ev = await _watched(place, seen)
    await ev.until_loop()
    seen.message(await ev.ask(ev.loop_request()))
    for watts, changes in ((-5000, {}), (3000, {}), (-4000, {"DepartureTime": 0})):
        place.secc.set_setpoint(watts)
        await ev.loop(2, **changes)
        seen.meter(place)
    ev.changes["EVMinimumEnergyRequest"] = rational(-9000)
    await ev.ask(d.delivery(d.Progress.Standby))
    place.secc.notify("Terminate", 30)
    await ev.loop(1)
    await ev.stop(d.Ending.Pause)
    await ev.link.close()


async def _unprecharged_start(place: Yard, seen: Seen) -> None:
    await asyncio.sleep(1)
    ev = await _watched(place, seen)
    await ev.until_parameters()
    await ev.ask(d.parameter_exchange(6)[0])
    await ev.ask(d.schedule_exchange(ev.mode)[0])
    await ev.check_cable()
    volts = {"EVPresentVoltage": rational(355), "EVTargetVoltage": rational(100)}
    await ev.ask(d.ask(dc.DC_PreChargeReq, EVProcessing=d.FINISHED, **volts))
    await asyncio.sleep(2)
    await ev.start()


async def _watched(place: Yard, seen: Seen) -> Ev:
    """A car whose every answer is noted."""
    ev = await place.arrive()
    ask = ev.ask

    async def noting(request: Any, *more: Any, **named: Any) -> Any:
        if isinstance(request, cm.SessionStopReq):
            named["within"] = 8.0
        return seen.message(await ask(request, *more, **named))

    ev.ask = noting  # type: ignore[method-assign]
    return ev


def toured(*faults: Any, settings: Any = PLAIN) -> Seen:
    async def run() -> Seen:
        async with yard(settings, faults=faults) as place:
            return await tour(place)

    found: Seen = in_virtual_time(run)
    return found


@pytest.fixture(scope="module")
def sound() -> Seen:
    return toured()


def test_the_sound_charger_shows_the_same_each_time(sound: Seen):
    assert toured() == sound
    assert len(sound) > 60


@pytest.mark.parametrize("name", OTHERS)
def test_the_faulty_charger_shows_something_else(name: str, sound: Seen):
    assert toured(*MUTANTS[name].armed()) != sound


def test_the_charger_that_passes_bad_insulation_differs_where_the_insulation_is_bad():
    faults = MUTANTS["secc-passes-bad-insulation"].armed()
    poor = replace(PLAIN, insulation=5_000.0)

    assert len(toured(*faults, settings=poor)) > len(toured(settings=poor))
