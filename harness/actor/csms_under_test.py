"""The CSMS as the SUT: its PIXIT, and what the bench can make it do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from harness.actor.bench import BenchActions
from harness.actor.tester_station import TesterStation
from harness.device.description import DeviceDescription
from harness.device.pixit import CsmsPixit
from harness.errors import Inconclusive
from harness.link.observation import Observation
from harness.link.trace import Trace


class CsmsUnderTest:
    """The handle that cases drive the bench with."""

    def __init__(self, description: DeviceDescription, actions: BenchActions, station: TesterStation) -> None:
        self.description, self.actions, self._station = description, actions, station

    @property
    def pixit(self) -> CsmsPixit:
        """What its maker says of it."""
        return self.description.pixit.csms

    def claims(self, name: str) -> bool:
        """Whether its PICS list an item, such as ``V2X``."""
        return f"CSMS.{name}" in self.description.claims

    @property
    def token(self) -> dict[str, str]:
        """An id token that it accepts, as the wire carries it; `Inconclusive` where the PIXIT names none."""
        if self.pixit.id_token is None:
            raise Inconclusive("the description names no token that the CSMS accepts; set pixit.csms.id_token")
        return {"idToken": self.pixit.id_token, "type": self.pixit.id_token_type}

    @property
    def invalid_token(self) -> dict[str, str]:
        """An id token that it refuses."""
        return {"idToken": self.pixit.invalid_id_token, "type": self.pixit.id_token_type}

    @property
    def seen(self) -> Trace:
        """Everything observed in this case so far."""
        return self._station.inbox.trace

    async def ask_for(self, action: str, payload: Mapping[str, Any]) -> Observation:
        """Make it send a request to the station; what it sent comes by `TesterStation.expect`."""
        self._station.inbox.mark()
        return await self.actions.do("send_request", message=action, payload=json.dumps(payload))

    async def power_cycle(self) -> Observation:
        """Switch it off and on again."""
        return await self.actions.do("power_cycle")
