"""How a reference station is set up; a wrong set-up is one way of being a mutant (see `harness.fault`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.ocppj.versions import Version


@dataclass(frozen=True, slots=True)
class StationSettings:
    """`variables` replaces values of the device model by name, such as ``TxCtrlr.TxStartPoint`` or ``EVSE#1.Power``.

    `reboot_time` (s) is how long a reset takes the station away. `seed` feeds ids and random delays. `verifies` says what the
    station looks at in its CSMS's certificate; `old_tls` that it goes along with TLS before 1.2.
    """

    version: Version = "2.1"
    vendor: str = "v2x-harness"
    model: str = "reference"
    serial: str = "REF-1"
    firmware: str = "1"
    evses: int = 1
    security_profile: int = 1
    reboot_time: float = 2.0
    seed: int = 0
    verifies: frozenset[Literal["chain", "name"]] = frozenset({"chain", "name"})
    old_tls: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def boot(self) -> dict[str, str]:
        """ChargingStationType as BootNotification carries it."""
        return {
            "vendorName": self.vendor,
            "model": self.model,
            "serialNumber": self.serial,
            "firmwareVersion": self.firmware,
        }
