"""What rules know besides the trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from harness.device.description import DeviceDescription
from harness.device.pixit import Pixit


@dataclass(frozen=True, slots=True)
class RuleContext:
    """The description of the SUT; `wall` gives the wall time of an instant of the trace."""

    description: DeviceDescription
    wall: Callable[[float], datetime]

    @property
    def pixit(self) -> Pixit:
        """Its values for tolerances and times."""
        return self.description.pixit
