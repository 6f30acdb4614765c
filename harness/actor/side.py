"""One side of the SUT on the stage: a role that it has, and what the tester plays towards it."""

from __future__ import annotations

from typing import Protocol

from harness.actor.bench import Controls
from harness.actor.meter import ReadMeter


class Side(Protocol):
    """Made by the stage for each role that the description lists."""

    async def set_up(self) -> None:
        """Bring up what the tester plays, and the embedded device; raises `BenchError` when the bench does not allow it."""
        ...

    async def tear_down(self) -> None:
        """Close everything, the last opened first."""
        ...

    @property
    def controls(self) -> Controls:
        """What the embedded device can be made to do; empty without one."""
        ...

    @property
    def read_meter(self) -> ReadMeter | None:
        """The truth at the grid terminals of the embedded device; None without one."""
        ...

    async def absence(self) -> str:
        """Why the SUT cannot be reached, where nothing at all was seen of it; empty when it is there."""
        ...

    @property
    def excuse(self) -> str:
        """Why no connection to the SUT came to stand, which may be the fault of bench or credentials; else empty."""
        ...
