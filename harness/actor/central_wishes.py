"""What an SECC case wants of the site, asked for by the tester's CSMS: at a charger with both sides, OCPP is how power is set.

So the setpoint of such a case goes the whole way: SetChargingProfile to the station, and from there to the EV.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.actor.bench import Controls
from harness.actor.csms import Csms
from harness.errors import Inconclusive
from harness.ocpp.csms.periods import Period, V2xPlan, central_setpoint, plain_limit

STEERED = frozenset({"setpoint", "limit", "release"})
"""The bench actions that the CSMS takes over."""
_NO_LIMIT = 1e6
"""W that no EVSE here reaches."""


@dataclass
class CentralWishes:
    """`setpoint` (W, + = charge) and `limit` (W, a magnitude) that hold from the next transaction on, and in one that runs; to
    a tenth of a watt, as profiles carry them."""

    csms: Csms
    setpoint: float | None = None
    limit: float | None = None

    @property
    def controls(self) -> Controls:
        """In the place of a bench's."""
        return {"setpoint": self._set, "limit": self._hold, "release": self._release}

    async def _set(self, watts: float) -> None:
        self.setpoint = round(watts, 1)
        await self._tell()

    async def _hold(self, watts: float) -> None:
        self.limit = round(watts, 1)
        await self._tell()

    async def _release(self) -> None:
        self.setpoint = self.limit = None
        await self._tell()

    @property
    def _aim(self) -> float | None:
        """The setpoint within the limit."""
        if self.setpoint is None or self.limit is None:
            return self.setpoint
        return max(-self.limit, min(self.setpoint, self.limit))

    async def _tell(self) -> None:
        """A station that does not go along leaves the case without its stimulus."""
        self.csms.policy = self.csms.policy.replace(plan=self._plan())
        for running in self.csms.record.running if self.csms.stations else ():
            outcome = await self.csms.dispatch(self._period(), transaction=running)
            if not outcome.accepted:
                raise Inconclusive(f"the station did not take what the CSMS asks for: {outcome}")

    def _plan(self) -> V2xPlan:
        aim = self._aim
        return V2xPlan(limit=self.limit) if aim is None else V2xPlan("CentralSetpoint", setpoint=aim)

    def _period(self) -> Period:
        aim = self._aim
        if aim is not None:
            return central_setpoint(aim)
        return plain_limit(_NO_LIMIT if self.limit is None else self.limit)
