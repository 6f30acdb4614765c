"""The bench meter as a probe: a link that only receives, on the same clock as all others."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise

from harness.actor.bench import fetch, run_command
from harness.actor.course import Course
from harness.device.bench import Meter
from harness.errors import BenchError
from harness.link.observation import Sample
from harness.link.trace import Timeline, Trace
from harness.verdict.check import Expected

ReadMeter = Callable[[], Awaitable[Sample]]


class MeterProbe:
    """Reads the meter every `interval` s and observes a `Sample`; + = import, - = export at the grid terminals.

    A meter that cannot be read ends the probe; `failure` then says why, and the run treats it as a broken bench.
    """

    def __init__(
        self, read: ReadMeter, timeline: Timeline, interval: float, accuracy: Callable[[float], float]
    ) -> None:
        self._read, self._timeline, self._interval = read, timeline, interval
        self.accuracy = accuracy
        self.failure: BenchError | None = None
        self._task = asyncio.get_running_loop().create_task(self._probe())

    @property
    def trace(self) -> Trace:
        """All samples so far."""
        return self._timeline.trace.link("meter")

    def energy(self, start: float, end: float) -> float | None:
        """Wh at the grid terminals from one instant to another, + = import: by the instrument's own counters where it
        has them, else from its powers; None where it was not read twice meanwhile."""
        samples = self.trace.of(Sample).between(start, end)
        if len(samples) < 2:
            return None
        first, last = samples[0].message, samples[-1].message
        covered = (end - start) / (samples[-1].at - samples[0].at)  # the ends lie between two readings
        if None not in (first.energy_import, first.energy_export, last.energy_import, last.energy_export):
            net = last.energy_import - first.energy_import - (last.energy_export - first.energy_export)
            return float(net) * covered
        pairs = pairwise(samples)
        joules = sum((a.message.power + b.message.power) / 2 * (b.at - a.at) for a, b in pairs)
        return float(joules / 3600.0 * covered)

    async def sample(self) -> None:
        """Read once, now, besides the regular readings."""
        self._timeline.observe("meter", "meter", await self._read())

    async def watch(self, seconds: float) -> None:
        """Let time pass while nobody speaks, and the meter is read."""
        await asyncio.sleep(seconds)
        await self.sample()

    async def settle(self, expected: Expected, *, within: float) -> float:
        """Measure while nobody speaks until every expected value has kept its limit for a second, or `within` s and some
        more have passed; the instant (s on the clock) from which on the values may be judged."""
        course = Course(self._timeline, expected, within)
        while (settled := course.settled()) is None:
            await self.watch(min(self._interval, 0.25))
        return settled

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _probe(self) -> None:
        try:
            while True:
                await self.sample()
                await asyncio.sleep(self._interval)
        except BenchError as error:
            self.failure = error


def reader_of(meter: Meter, reference: ReadMeter | None) -> ReadMeter | None:
    """How the described meter is read; None where there is none. Raises `BenchError` for one that cannot exist."""
    if meter.kind == "none":
        return None
    if meter.kind == "reference":
        if reference is None:
            raise BenchError("bench.meter.kind says reference, but no embedded reference device is running")
        return reference if not meter.inverted else _inverted(reference)

    async def read() -> Sample:
        if meter.kind == "http":
            return _parsed(await fetch(meter.url or "", timeout=meter.interval + 5), meter.url or "")
        return _parsed(
            await run_command(shlex.split(meter.command or ""), timeout=meter.interval + 5), meter.command or ""
        )

    return _inverted(read) if meter.inverted else read


def _parsed(text: str, source: str) -> Sample:
    try:
        said = json.loads(text)
        return Sample(
            power=float(said["power"]),
            voltage=said.get("voltage"),
            current=said.get("current"),
            energy_import=said.get("energy_import"),
            energy_export=said.get("energy_export"),
            reactive=said.get("reactive"),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BenchError(
            f'the meter at {source} answered {text[:80]!r}, expected JSON such as {{"power": -3000.0}} ({error!r})'
        ) from error


def _inverted(read: ReadMeter) -> ReadMeter:
    async def inverted() -> Sample:
        seen = await read()
        return replace(
            seen,
            power=-seen.power,
            current=None if seen.current is None else -seen.current,
            energy_import=seen.energy_export,
            energy_export=seen.energy_import,
            reactive=None if seen.reactive is None else -seen.reactive,
        )

    return inverted
