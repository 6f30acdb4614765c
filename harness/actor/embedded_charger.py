"""The reference charger with both its sides inside the harness: a station towards the tester's CSMS, an SECC towards its EV.

It is the same charger as `v2x-harness reference charger` runs. Its plant shares a cable with the tester's battery, so that
what the CSMS asks for is what flows between them.
"""

from __future__ import annotations

from harness.actor.bench import Controls
from harness.actor.charger import ReferenceCharger
from harness.actor.embedded import secc_settings
from harness.actor.ocpp_line import CsmsAccess
from harness.actor.station_controls import StationControls
from harness.actor.tester_pki import TesterPki
from harness.device.description import DeviceDescription
from harness.fault.fault import Mutant
from harness.grid.cable import DcCable
from harness.link.observation import Sample
from harness.link.transport import Address, Network
from harness.messages.common_types import evseNotificationType
from harness.ocpp.station.settings import StationSettings


class EmbeddedCharger:
    """A reference charger, with the cable that joins it to the tester's inlet and what the bench can do to it."""

    def __init__(
        self,
        description: DeviceDescription,
        pki: TesterPki,
        settings: StationSettings,
        access: CsmsAccess,
        site: Network,
        mutant: Mutant | None = None,
    ) -> None:
        secc, tls = secc_settings(description, pki)
        self.cable = DcCable()
        self.charger = ReferenceCharger(settings, access, secc, site, mutant=mutant, cable=self.cable, tls=tls)
        self._pixit = description.pixit.station

    async def start(self) -> None:
        await self.charger.start()

    async def stop(self) -> None:
        await self.charger.stop()

    @property
    def address(self) -> Address:
        """Where its SECC listens, once started."""
        return self.charger.secc.address

    async def meter(self) -> Sample:
        """True physics at its grid terminals and outlet, whatever its messages say."""
        return self.charger.meter()

    @property
    def controls(self) -> Controls:
        """What the bench can make it do; see `harness.device.bench.ACTIONS`. ``grid`` is its mains. The EV that is plugged in
        is the tester's."""
        actions = StationControls(self.charger.station, self._pixit).actions
        return {
            **actions,
            "plug": self._plug,
            "unplug": self._unplug,
            "power_cycle": self.charger.power_cycle,
            "notify": self._notify,
        }

    async def _plug(self) -> None:
        self.charger.plug_in()

    async def _unplug(self) -> None:
        self.charger.unplug()

    async def _notify(self, notification: str, delay: int) -> None:
        self.charger.secc.notify(evseNotificationType(notification), delay)
