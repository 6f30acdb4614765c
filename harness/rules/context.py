"""What rules know besides the trace."""

from __future__ import annotations

from dataclasses import dataclass

from harness.device.description import DeviceDescription
from harness.device.pixit import Pixit


@dataclass(frozen=True, slots=True)
class RuleContext:
    """The description of the SUT."""

    description: DeviceDescription

    @property
    def pixit(self) -> Pixit:
        """Its values for tolerances and times."""
        return self.description.pixit
