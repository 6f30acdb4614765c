"""The bench meter: read at its pace, in the sign of the house, and honest about being broken."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from typing import Any

import pytest

from harness.actor.meter import MeterProbe, reader_of
from harness.device.bench import Meter
from harness.errors import BenchError
from harness.link.clock import Clock
from harness.link.observation import Sample
from harness.link.trace import Timeline
from tests.actor.ev import in_virtual_time


def saying(text: str) -> str:
    """A command that prints `text`."""
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(f'print({text!r})')}"


def read(**described: Any) -> Sample:
    reader = reader_of(Meter.model_validate(described), None)
    assert reader is not None

    async def once() -> Sample:
        return await reader()

    return asyncio.run(once())


def test_no_meter_is_no_reader() -> None:
    assert reader_of(Meter.model_validate({"kind": "none"}), None) is None


def test_the_meter_of_a_reference_device_needs_one() -> None:
    with pytest.raises(BenchError, match="no embedded reference device is running"):
        reader_of(Meter.model_validate({"kind": "reference"}), None)


def test_a_command_that_prints_json_is_a_meter() -> None:
    said = json.dumps({"power": -3000, "energy_import": 12.5, "voltage": 400.0})
    assert read(kind="command", command=saying(said)) == Sample(-3000.0, 400.0, None, 12.5, None)


def test_an_inverted_meter_is_turned_round() -> None:
    said = json.dumps({"power": 3000, "current": 7.5, "energy_import": 1.0, "energy_export": 2.0})
    assert read(kind="command", command=saying(said), inverted=True) == Sample(-3000.0, None, -7.5, 2.0, 1.0)


@pytest.mark.parametrize("said", ["", "3000", '{"watts": 3000}', '{"power": "much"}', "[1]"])
def test_a_meter_that_says_something_else_is_a_broken_bench(said: str) -> None:
    with pytest.raises(BenchError, match=r'expected JSON such as \{"power": -3000.0\}'):
        read(kind="command", command=saying(said))


def test_the_probe_reads_at_its_interval_until_it_is_closed() -> None:
    async def story() -> list[float]:
        timeline = Timeline(Clock())

        async def reader() -> Sample:
            return Sample(timeline.clock.now())

        probe = MeterProbe(reader, timeline, 0.5, lambda power: 10.0 + 0 * power)
        await asyncio.sleep(1.75)
        await probe.sample()
        await probe.close()
        await asyncio.sleep(5)
        assert probe.failure is None
        return [seen.message.power for seen in probe.trace.of(Sample)]

    assert in_virtual_time(story) == [0.0, 0.5, 1.0, 1.5, 1.75]


def test_a_probe_that_cannot_read_remembers_why_and_stops() -> None:
    async def story() -> MeterProbe:
        readings = iter([Sample(1.0)])

        async def reader() -> Sample:
            try:
                return next(readings)
            except StopIteration:
                raise BenchError("the meter is gone") from None

        probe = MeterProbe(reader, Timeline(Clock()), 1.0, lambda _power: 0.0)
        await asyncio.sleep(10)
        await probe.close()
        return probe

    probe = in_virtual_time(story)
    assert str(probe.failure) == "the meter is gone"
    assert len(probe.trace) == 1
