"""The grid of the bench: what is set, and what is left behind."""

import asyncio

from harness.actor.grid_control import GridControl
from harness.device.bench import GridSource
from harness.link.clock import Clock
from harness.link.trace import Timeline


def test_a_grid_that_was_disturbed_is_left_nominal_and_one_that_was_not_is_left_alone() -> None:
    asyncio.run(disturb_and_leave())


async def disturb_and_leave() -> None:
    made: list[tuple[float, float]] = []

    async def make(volts: float, hertz: float) -> None:
        made.append((volts, hertz))

    grid = GridControl(GridSource(kind="reference"), Timeline(Clock()), make)
    await grid.restore()
    assert made == []
    await grid.set(volts=250.0)
    await grid.restore()
    await grid.restore()
    assert made == [(250.0, 50.0), (230.0, 50.0)]
