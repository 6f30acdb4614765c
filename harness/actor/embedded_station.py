"""The reference station inside the harness: the SUT of a run without a device, and of every self-test.

It is the same station as `v2x-harness reference station` runs; here the bench acts on it directly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.actor.bench import Controls
from harness.actor.bench_evs import bench_ev
from harness.actor.ocpp_line import CsmsAccess
from harness.actor.station import ReferenceStation
from harness.actor.station_controls import StationControls
from harness.device.pixit import StationPixit
from harness.fault.fault import Fault
from harness.link.observation import Sample
from harness.ocpp.station.settings import StationSettings


class EmbeddedStation:
    """A reference station with its plant, and what the bench can do to it."""

    def __init__(
        self,
        settings: StationSettings,
        access: CsmsAccess,
        pixit: StationPixit,
        faults: Sequence[Fault] = (),
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.station = ReferenceStation(settings, access, faults=faults, log=log)
        self._pixit = pixit

    async def start(self) -> None:
        await self.station.start()

    async def stop(self) -> None:
        await self.station.stop()

    async def meter(self) -> Sample:
        """True physics at the grid terminals of its first EVSE, whatever it says."""
        return self.station.meter(1)

    @property
    def controls(self) -> Controls:
        """What the bench can make it do; see `harness.device.bench.ACTIONS`. ``grid`` is its mains."""
        return {**StationControls(self.station, self._pixit).actions, "plug": self._plug, "unplug": self._unplug}

    async def _plug(self, ev: str = "any", evse: int = 1) -> None:
        chosen = bench_ev(ev)
        self.station.plug_in(evse, chosen.needs, chosen.battery())

    async def _unplug(self, evse: int = 1) -> None:
        self.station.unplug(evse)
