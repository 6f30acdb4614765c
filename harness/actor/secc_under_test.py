"""The SECC as the SUT: its PIXIT, and what the bench can make it do. It speaks no protocol."""

from __future__ import annotations

from harness.actor.bench import BenchActions
from harness.actor.expectation import Expectations
from harness.device.description import DeviceDescription
from harness.device.pixit import SeccPixit
from harness.link.observation import Observation
from harness.link.trace import Timeline, Trace
from harness.messages.common_types import evseNotificationType


class SeccUnderTest:
    """The handle that cases drive the bench with. Powers in W at the grid terminals, + = charge, - = discharge."""

    def __init__(self, description: DeviceDescription, actions: BenchActions, timeline: Timeline) -> None:
        self.description, self.actions, self.timeline = description, actions, timeline

    @property
    def pixit(self) -> SeccPixit:
        """What its maker says of it."""
        return self.description.pixit.secc

    def claims(self, name: str) -> bool:
        """Whether its PICS list an item, such as ``DC_BPT``."""
        return f"SECC.{name}" in self.description.claims

    @property
    def expects(self) -> Expectations:
        """What its report and the bench meter show when it does what it should."""
        return Expectations(self.pixit, self.description.bench.meter.accuracy)

    @property
    def settling(self) -> float:
        """Seconds from a new setpoint or limit until its power stays within tolerance."""
        return self.pixit.ramp_time + self.pixit.settling_time

    @property
    def seen(self) -> Trace:
        """Everything observed in this case so far, over all links, the bench meter included."""
        return self.timeline.trace

    async def ask_for(self, watts: float) -> Observation:
        """Make it aim for a power."""
        return await self.actions.do("setpoint", watts=watts)

    async def ask_to_charge(self, watts: float) -> Observation:
        """Make it aim for a charge power, given as a magnitude."""
        return await self.ask_for(abs(watts))

    async def ask_to_discharge(self, watts: float) -> Observation:
        """Make it aim for a discharge power, given as a magnitude."""
        return await self.ask_for(-abs(watts))

    async def hold_below(self, watts: float) -> Observation:
        """Make it hold its power below a magnitude, in either direction."""
        return await self.actions.do("limit", watts=watts)

    async def notify(self, kind: evseNotificationType, delay: int) -> Observation:
        """Make it send an EVSENotification that the EV has to follow within `delay` s."""
        return await self.actions.do("notify", notification=kind.value, delay=delay)

    async def authorise(self) -> Observation:
        """Let the user be authorised."""
        return await self.actions.do("authorise")

    async def reject_authorisation(self) -> Observation:
        """Let the user be refused."""
        return await self.actions.do("reject_authorisation")
