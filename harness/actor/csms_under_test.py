"""The CSMS as the SUT: its PIXIT, and what the bench can make it do."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from harness.actor.bench import BenchActions
from harness.actor.tester_station import TesterStation
from harness.device.description import DeviceDescription
from harness.device.pixit import CsmsPixit
from harness.errors import NotTestable
from harness.link.observation import Observation
from harness.link.trace import Trace
from harness.ocpp.csms import requests
from harness.ocpp.csms.periods import Period
from harness.ocppj.versions import Version

_FIRST_PROFILE = 9001
"""Ids of profiles that cases ask for begin here, above those that stations keep for themselves."""


class CsmsUnderTest:
    """The handle that cases drive the bench with."""

    def __init__(self, description: DeviceDescription, actions: BenchActions, station: TesterStation) -> None:
        self.description, self.actions, self._station = description, actions, station
        self._profiles = itertools.count(_FIRST_PROFILE)

    @property
    def pixit(self) -> CsmsPixit:
        """What its maker says of it."""
        return self.description.pixit.csms

    @property
    def versions(self) -> tuple[Version, ...]:
        """The versions of OCPP that its description lists, best first."""
        access = self.description.roles.csms
        return access.ocpp if access is not None else ()

    def claims(self, name: str) -> bool:
        """Whether its PICS list an item, such as ``V2X``."""
        return f"CSMS.{name}" in self.description.claims

    @property
    def token(self) -> dict[str, str]:
        """An id token that it accepts, as the wire carries it; `NotTestable` where the PIXIT names none."""
        if self.pixit.id_token is None:
            raise NotTestable("the description names no token that the CSMS accepts; set pixit.csms.id_token")
        return {"idToken": self.pixit.id_token, "type": self.pixit.id_token_type}

    @property
    def invalid_token(self) -> dict[str, str]:
        """An id token that it refuses."""
        return {"idToken": self.pixit.invalid_id_token, "type": self.pixit.id_token_type}

    def demand_boots(self) -> None:
        """`NotTestable` where it may serve a station that has not booted, for it remembers an earlier boot."""
        if not self.pixit.boot_required:
            raise NotTestable(
                "this CSMS may remember that it accepted the station earlier; set pixit.csms.boot_required where each"
                " connection needs a BootNotification"
            )

    def token_that_is(self, kind: str) -> dict[str, str]:
        """The id token of the PIXIT that is ``blocked``, ``expired``, ``charge_only`` or of a ``group``; `NotTestable` where it names none."""
        found = getattr(self.pixit, f"{kind}_id_token")
        if found is None:
            raise NotTestable(f"the description names no such token; set pixit.csms.{kind}_id_token")
        return {"idToken": found, "type": self.pixit.id_token_type}

    @property
    def seen(self) -> Trace:
        """Everything observed in this case so far."""
        return self._station.inbox.trace

    async def ask_for(self, action: str, payload: Mapping[str, Any]) -> Observation:
        """Make it send a request to the station, once it asks nothing by itself; what it sent comes by `TesterStation.expect`."""
        await self._station.unasked()
        self._station.inbox.mark()
        return await self.actions.do("send_request", message=action, payload=json.dumps(payload))

    async def sends(self, action: str, payload: Mapping[str, Any]) -> Observation:
        """Make it send a request, and await what it sends; `Silence` where nothing comes in its reaction time."""
        await self.ask_for(action, payload)
        return await self._station.expect(action, within=self.pixit.reaction_time)

    async def sends_profile(
        self,
        periods: Sequence[Period],
        *,
        purpose: str = "TxProfile",
        evse: int = 1,
        number: int | None = None,
        **choices: Any,
    ) -> Observation:
        """Make it send a charging profile with one schedule that begins now; choices are those of `requests.set_profile`."""
        chosen = next(self._profiles) if number is None else number
        wall = self._station.clock.wall()
        order = requests.set_profile(self._station.version, chosen, evse, purpose, periods, now=wall, **choices)
        return await self.sends(order.action, order.payload)

    async def power_cycle(self) -> Observation:
        """Switch it off and on again."""
        return await self.actions.do("power_cycle")
