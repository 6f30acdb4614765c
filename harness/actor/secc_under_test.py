"""The SECC as the SUT: its PIXIT, and what the bench can make it do. It speaks no protocol."""

from __future__ import annotations

from harness.actor.bench import BenchActions
from harness.device.description import DeviceDescription
from harness.device.pixit import SeccPixit
from harness.link.observation import Observation
from harness.link.trace import Timeline
from harness.messages.common_types import evseNotificationType


class SeccUnderTest:
    """The handle that cases drive the bench with. Powers in W at the grid terminals, + = charge, - = discharge."""

    def __init__(self, description: DeviceDescription, actions: BenchActions, timeline: Timeline) -> None:
        self.description, self.actions, self.timeline = description, actions, timeline

    @property
    def pixit(self) -> SeccPixit:
        """What its maker says of it."""
        return self.description.pixit.secc

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
