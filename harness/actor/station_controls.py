"""What a bench can do at a reference station: at its reader, around its site, and to the station itself."""

from __future__ import annotations

import json
from dataclasses import dataclass

from harness.actor.bench import Controls
from harness.actor.station import ReferenceStation
from harness.device.pixit import StationPixit


@dataclass(frozen=True, slots=True)
class StationControls:
    """`actions` by the names of `harness.device.bench.ACTIONS`; ``grid`` is the mains. What is done at the plug depends on
    who is plugged in, so whoever knows that adds it."""

    station: ReferenceStation
    pixit: StationPixit

    @property
    def actions(self) -> Controls:
        return {
            "authorise": self._authorise,
            "reject_authorisation": self._reject_authorisation,
            "present": self._present,
            "power_cycle": self._power_cycle,
            "setpoint": self._setpoint,
            "limit": self._limit,
            "release": self._release,
            "site": self._site,
            "generation": self._generation,
            "building_load": self._building_load,
            "priority": self._priority,
            "break_down": self._break_down,
            "repair": self._repair,
            "grid": self._grid,
        }

    async def _authorise(self) -> None:
        await self._present(self.pixit.id_token, self.pixit.id_token_type)

    async def _reject_authorisation(self) -> None:
        await self._present(self.pixit.invalid_id_token, self.pixit.id_token_type)

    async def _present(self, token: str, type: str = "ISO14443", evse: int = 1) -> None:
        self.station.present({"idToken": token, "type": type}, evse)

    async def _power_cycle(self) -> None:
        await self.station.power_cycle()

    async def _setpoint(self, watts: float) -> None:
        self.station.demand(1, setpoint=watts)

    async def _limit(self, watts: float) -> None:
        self.station.demand(1, limit=watts, discharge_limit=-watts)

    async def _release(self) -> None:
        for evse in (0, 1):
            self.station.release(evse)

    async def _site(self, kind: str, evse: int, periods: str, lasting: int) -> None:
        values = [(int(start), _values(kind, watts)) for start, watts in json.loads(periods)]
        if len(values) > 1:
            self.station.plan(evse, values)
            return
        (_, only), names = values[0], {"limit": "limit", "dischargeLimit": "discharge_limit", "setpoint": "setpoint"}
        given = {names[name]: watts for name, watts in only.items()}
        self.station.demand(evse, **given, lasting=lasting or None)

    async def _generation(self, watts: float) -> None:
        if watts:
            self.station.demand(1, limit=watts, generation=True)
        else:
            self.station.release(1, generation=True)

    async def _building_load(self, watts: float) -> None:
        self.station.mains.load = watts

    async def _priority(self, active: bool = True) -> None:
        self.station.priority(active)

    async def _break_down(self, evse: int = 1) -> None:
        self.station.fault(True, evse)

    async def _repair(self, evse: int = 1) -> None:
        self.station.fault(False, evse)

    async def _grid(self, volts: float, hertz: float) -> None:
        self.station.disturb(voltage=volts, frequency=hertz)


def _values(kind: str, watts: float) -> dict[str, float]:
    """What a system on site asks for, in the words of a period."""
    return {"setpoint": watts} if kind == "setpoint" else {"limit": watts, "dischargeLimit": -watts}
