"""The reference CSMS as a device: the SUT of a run without one, and what `v2x-harness reference csms` runs.

It is the tester's CSMS with settings of its own: it minds who boots, asks new stations what they are, knows its tokens and
prices, and discharges EVs that can be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from harness.actor.bench import Controls
from harness.actor.csms import Csms
from harness.actor.csms_authority import OperatorAuthority
from harness.actor.csms_settings import CsmsSettings
from harness.actor.csms_store import CsmsStore
from harness.errors import BenchError, Inconclusive
from harness.fault.fault import Fault
from harness.link.clock import Clock
from harness.link.trace import Timeline
from harness.link.transport import Address, Network
from harness.ocpp.csms.periods import V2xPlan
from harness.ocpp.csms.policy import CsmsPolicy, Prices
from harness.ocpp.csms.records import Token
from harness.pki.operator import operator_ca

REFERENCE = CsmsSettings(
    policy=CsmsPolicy(
        unbooted="refuse",
        inventory=True,
        tokens=(
            Token("TEST-VALID-01"),
            Token("TEST-BLOCKED-01", status="Blocked"),
            Token("TEST-EXPIRED-01", expires=datetime(2020, 1, 1, tzinfo=UTC)),
            Token("TEST-GROUP-01", group="TEST-GROUP"),
            Token("TEST-CHARGE-ONLY-01", allowed_energy_transfer=("AC_three_phase", "AC_single_phase", "DC")),
        ),
        plan=V2xPlan("CentralSetpoint", setpoint=-5000.0),
        prices=Prices(0.30, 0.40),
    )
)
"""How the reference CSMS is set up, where nobody says otherwise."""


class EmbeddedCsms:
    """A CSMS with its own clock and records, so that the tester sees it from outside only."""

    def __init__(
        self,
        settings: CsmsSettings,
        network: Network,
        *,
        faults: Sequence[Fault] = (),
        store: CsmsStore | None = None,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._settings, self._network, self._faults = settings, network, tuple(faults)
        self._store, self._log = store, log
        self._port = settings.entrance.port

    async def start(self) -> None:
        """Listen; raises `BenchError` when the port cannot be had."""
        clock = Clock()
        authority = OperatorAuthority(operator_ca(clock.wall()))
        entrance = replace(self._settings.entrance, port=self._port)
        self.csms = Csms(
            replace(self._settings, entrance=entrance),
            self._network,
            Timeline(clock),
            faults=self._faults,
            store=self._store,
            authority=authority,
            log=self._log,
        )
        await self.csms.start()
        self._port = self.csms.address.port  # a power cycle brings it back where it was

    async def stop(self) -> None:
        await self.csms.stop()

    @property
    def address(self) -> Address:
        """Where it listens, once started."""
        return self.csms.address

    @property
    def url(self) -> str:
        """Where stations connect to, without their identity."""
        return self.csms.url

    @property
    def controls(self) -> Controls:
        """What the bench can make it do; see `harness.device.bench.ACTIONS`."""
        return {"send_request": self.send_request, "power_cycle": self.power_cycle}

    async def send_request(self, message: str, payload: str | Mapping[str, Any] = "{}", identity: str = "") -> None:
        """Send a request to a station (by default the first that is connected), without waiting for its answer.

        Raises `ValueError` for a payload that is no JSON object, and `BenchError` when no station is there to get it.
        """
        content = json.loads(payload) if isinstance(payload, str) else payload
        if not isinstance(content, dict):
            raise ValueError(f"the payload is {type(content).__name__}, expected a JSON object")
        try:
            self.csms.station(identity).begin(message, content)
        except Inconclusive as absent:
            raise BenchError(f"the reference CSMS cannot send {message}: {absent}") from absent

    async def power_cycle(self) -> None:
        """Stop and come back; what is in the store is remembered."""
        await self.stop()
        await self.start()

    def stations(self) -> list[dict[str, Any]]:
        """Who is known, and how they stand."""
        return [
            {
                "identity": station.identity,
                "connected": station.standing.connected,
                "version": station.version,
                "status": station.standing.status,
                "transactions": [each.transaction_id for each in station.running],
            }
            for station in self.csms.system.stations.values()
        ]
