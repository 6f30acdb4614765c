"""The reference SECC inside the harness: the SUT where a description lists no other side of a charger.

It is the same SECC as `v2x-harness reference secc` runs; here its plant shares a cable with the tester's battery, so
power really flows between them, and the bench acts on it directly.
"""

from __future__ import annotations

from dataclasses import replace

from harness.actor.bench import Controls
from harness.actor.secc import ReferenceSecc
from harness.actor.tester_pki import TesterPki
from harness.device.description import DeviceDescription
from harness.fault.fault import Mutant
from harness.grid.cable import DcCable
from harness.link.observation import Sample
from harness.link.tls import TlsProfile
from harness.link.transport import Address, Network
from harness.messages.common_types import evseNotificationType
from harness.v2g.secc_settings import SeccSettings, Tls


class EmbeddedSecc:
    """A reference SECC with the cable that joins it to the tester's inlet."""

    def __init__(self, secc: ReferenceSecc, cable: DcCable) -> None:
        self.secc, self.cable = secc, cable

    async def start(self) -> None:
        await self.secc.start()

    async def stop(self) -> None:
        await self.secc.stop()

    @property
    def address(self) -> Address:
        """Where it listens, once started."""
        return self.secc.address

    async def meter(self) -> Sample:
        """True physics at its grid terminals and outlet, whatever its messages say."""
        return self.secc.meter()

    @property
    def controls(self) -> Controls:
        """What the bench can make it do; see `harness.device.bench.ACTIONS`."""
        return {
            "setpoint": self._setpoint,
            "limit": self._limit,
            "notify": self._notify,
            "authorise": self._authorise,
            "reject_authorisation": self._reject_authorisation,
            "power_cycle": self._power_cycle,
        }

    async def _setpoint(self, watts: float) -> None:
        self.secc.set_setpoint(watts)

    async def _limit(self, watts: float) -> None:
        self.secc.set_limit(watts)

    async def _notify(self, notification: str, delay: int) -> None:
        self.secc.notify(evseNotificationType(notification), delay)

    async def _authorise(self) -> None:
        self.secc.authorise()

    async def _reject_authorisation(self) -> None:
        self.secc.reject_authorisation()

    async def _power_cycle(self) -> None:
        await self.secc.power_cycle()


def embedded_secc(
    description: DeviceDescription, pki: TesterPki, network: Network, mutant: Mutant | None
) -> EmbeddedSecc:
    """The SECC that a description with embedded bench means."""
    settings, tls = secc_settings(description, pki)
    cable = DcCable()
    faults = mutant.armed() if mutant else ()
    return EmbeddedSecc(ReferenceSecc(settings, network, tls=tls, faults=faults, cable=cable), cable)


def secc_settings(description: DeviceDescription, pki: TesterPki) -> tuple[SeccSettings, TlsProfile | None]:
    """The reference settings as a description wants the SECC to be reached, and what it shows over TLS."""
    access = description.roles.secc
    kind = access.tls_profile if access else None
    discoverable = access is not None and access.transport == "sdp"
    settings = replace(SeccSettings(), sdp=discoverable, tls=Tls(enabled=kind is not None, lab=kind == "lab"))
    return settings, pki.secc_profile(kind) if kind else None
