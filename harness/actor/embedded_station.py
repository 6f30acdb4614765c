"""The reference station inside the harness: the SUT of a run without a device, and of every self-test.

It is the same station as `v2x-harness reference station` runs; here the bench acts on it directly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from harness.actor.bench import Controls
from harness.actor.bench_evs import bench_ev
from harness.actor.ocpp_line import CsmsAccess
from harness.actor.station import ReferenceStation
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
        return {
            "plug": self._plug,
            "unplug": self._unplug,
            "authorise": self._authorise,
            "reject_authorisation": self._reject_authorisation,
            "present": self._present,
            "power_cycle": self._power_cycle,
            "setpoint": self._setpoint,
            "limit": self._limit,
            "release": self._release,
            "building_load": self._building_load,
            "priority": self._priority,
            "break_down": self._break_down,
            "repair": self._repair,
            "grid": self._grid,
        }

    async def _plug(self, ev: str = "any", evse: int = 1) -> None:
        chosen = bench_ev(ev)
        self.station.plug_in(evse, chosen.needs, chosen.battery())

    async def _unplug(self, evse: int = 1) -> None:
        self.station.unplug(evse)

    async def _authorise(self) -> None:
        await self._present(self._pixit.id_token, self._pixit.id_token_type)

    async def _reject_authorisation(self) -> None:
        await self._present(self._pixit.invalid_id_token, self._pixit.id_token_type)

    async def _present(self, token: str, type: str, evse: int = 1) -> None:
        self.station.present({"idToken": token, "type": type}, evse)

    async def _power_cycle(self) -> None:
        await self.station.power_cycle()

    async def _setpoint(self, watts: float) -> None:
        self.station.demand(1, setpoint=watts)

    async def _limit(self, watts: float) -> None:
        self.station.demand(1, limit=watts, discharge_limit=-watts)

    async def _release(self) -> None:
        self.station.release(1)

    async def _building_load(self, watts: float) -> None:
        self.station.mains.load = watts

    async def _priority(self, active: bool = True) -> None:
        self.station.priority(active)

    async def _break_down(self, evse: int = 1) -> None:
        self.station.fault(True, evse)

    async def _repair(self, evse: int = 1) -> None:
        self.station.fault(False, evse)

    async def _grid(self, volts: float, hertz: float) -> None:
        self.station.mains = replace(self.station.mains, voltage=volts, frequency=hertz)
