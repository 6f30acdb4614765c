"""The grid that the device hangs on, where the bench can change it: frequency and voltage, each change an observation."""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable

from harness.actor.bench import fetch, run_command
from harness.device.bench import GridSource
from harness.errors import BenchError, Inconclusive
from harness.link.observation import BenchAction, Observation
from harness.link.trace import Timeline

NOMINAL_VOLTS, NOMINAL_HERTZ = 230.0, 50.0
_CALL_PATIENCE = 30.0


class GridControl:
    """`set` what is to be; what is not said goes back to nominal. `reference` changes the mains of the embedded device."""

    def __init__(
        self,
        described: GridSource,
        timeline: Timeline,
        reference: Callable[..., Awaitable[None]] | None = None,
    ) -> None:
        self._described, self._timeline, self._reference = described, timeline, reference
        self._disturbed = False

    @property
    def settling_time(self) -> float:
        """Seconds until a new voltage or frequency holds."""
        return self._described.settling_time

    async def set(self, *, volts: float = NOMINAL_VOLTS, hertz: float = NOMINAL_HERTZ) -> Observation:
        """Make voltage (V per phase, to neutral) and frequency (Hz).

        Raises `Inconclusive` on the public grid, which nobody can change, and `BenchError` when the source fails.
        """
        values = {"volts": volts, "hertz": hertz}
        if self._described.kind == "mains":
            raise Inconclusive("the public grid cannot be changed; describe a source under bench.grid_source")
        self._disturbed = (volts, hertz) != (NOMINAL_VOLTS, NOMINAL_HERTZ)
        if self._described.kind == "reference":
            if self._reference is None:
                raise BenchError("bench.grid_source.kind says reference, but no embedded reference device has mains")
            await self._reference(**values)
        elif self._described.kind == "http":
            await fetch((self._described.url or "").format(**values), _CALL_PATIENCE, "POST")
        else:
            await run_command(shlex.split((self._described.command or "").format(**values)), _CALL_PATIENCE)
        return self._timeline.observe("bench", "bench", BenchAction("grid", values))

    async def restore(self) -> None:
        """Leave nominal voltage and frequency behind, where a case ended before it did."""
        if self._disturbed:
            await self.set()
