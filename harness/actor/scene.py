"""What all sides of one case share: the description, one clock, one timeline, one capture, and the way to the SUT."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from harness.actor.tester_pki import TesterPki
from harness.device.description import DeviceDescription
from harness.fault.fault import Mutant
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.sockets import SocketNetwork
from harness.link.trace import Timeline
from harness.link.transport import Network
from harness.ocppj.versions import Version


@dataclass(frozen=True)
class StageOptions:
    """How a run is staged. `mutant` makes the embedded reference device faulty; `seed` feeds what cases draw."""

    virtual_time: bool = False
    mutant: Mutant | None = None
    seed: int = 0


@dataclass
class Scene:
    """Made inside the case's event loop. `versions` of OCPP are spoken in this case, best first.

    `given` is where the SUT is, if that is neither a real interface nor the memory that an embedded device lives in.
    """

    description: DeviceDescription
    pki: TesterPki
    options: StageOptions
    given: Network | None = None
    versions: tuple[Version, ...] = ()
    clock: Clock = field(default_factory=Clock)
    capture: Capture = field(default_factory=Capture)
    timeline: Timeline = field(init=False)

    def __post_init__(self) -> None:
        self.timeline = Timeline(self.clock)

    @property
    def embeds(self) -> bool:
        """Whether the SUT is the embedded reference device."""
        return self.description.bench.embedded

    def network(self, **place: Any) -> Network:
        """The network with the SUT in it; `place` says where real sockets are, as `SocketNetwork` wants it."""
        if self.given is not None:
            return self.given
        return self._memory if self.embeds and self.options.virtual_time else SocketNetwork(**place)

    def faults_of(self, role: str) -> Mutant | None:
        """The mutant of the run, where it is one of that role."""
        mutant = self.options.mutant
        return mutant if mutant is not None and mutant.role == role else None

    @cached_property
    def _memory(self) -> MemoryNetwork:
        return MemoryNetwork()
