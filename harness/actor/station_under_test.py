"""The charging station as the SUT: its PIXIT, and what the bench can do at it. What is said to it, the CSMS says.

Powers in W at the grid terminals of an EVSE, + = charge, - = discharge.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from harness.actor.bench import BenchActions
from harness.actor.course import Course
from harness.actor.csms import Csms
from harness.actor.grid_control import GridControl
from harness.actor.ocpp_call import CallOutcome
from harness.actor.schedule_expectation import ScheduleExpectation, site_limit
from harness.actor.station_expectation import StationExpectations
from harness.actor.window import Window
from harness.device.description import DeviceDescription
from harness.device.pixit import StationPixit
from harness.errors import Inconclusive
from harness.link.observation import Observation
from harness.link.trace import Trace
from harness.ocpp import readings as told
from harness.ocpp.csms.records import Token, Transaction
from harness.ocpp.csms.samples import Sample, Span, sample_profiles
from harness.v2g.readings import metered_power
from harness.verdict.check import Expected
from harness.verdict.limits import Limit

_POWERS = (
    "Energy.Active.Import.Register",
    "Energy.Active.Export.Register",
    "Power.Active.Import",
    "Power.Active.Export",
    "SoC",
)
_FLOWING = 100.0
"""W above which energy flows, and is no standby consumption."""
_LOOK = 0.25
"""Seconds between two looks at the values."""


class StationUnderTest:
    """The handle that cases drive the bench with."""

    def __init__(
        self, description: DeviceDescription, actions: BenchActions, grid: GridControl, csms: Csms | None
    ) -> None:
        self.description, self.actions, self.grid = description, actions, grid
        self._csms = csms
        self._window: Window | None = None

    @property
    def pixit(self) -> StationPixit:
        """What its maker says of it."""
        return self.description.pixit.station

    def claims(self, name: str) -> bool:
        """Whether its PICS list an item, such as ``V2X``."""
        return f"STATION.{name}" in self.description.claims

    @property
    def evses(self) -> int:
        """How many EVSEs it has."""
        access = self.description.roles.station
        return access.evses if access is not None else 1

    @property
    def token(self) -> Token:
        """An id token that the tester, as CSMS, accepts."""
        return Token(self.pixit.id_token, self.pixit.id_token_type)

    @property
    def invalid_token(self) -> Token:
        """An id token that the tester, as CSMS, refuses."""
        return Token(self.pixit.invalid_id_token, self.pixit.id_token_type, status="Invalid")

    @property
    def settling(self) -> float:
        """Seconds from a new setpoint or limit until its power stays within tolerance."""
        return self.pixit.ramp_time + self.pixit.settling_time

    @property
    def expects(self) -> StationExpectations:
        """What its meter values and the bench meter show when it does what it should."""
        return StationExpectations(self.pixit, self.description.bench.meter.accuracy)

    def schedule(self, asked: CallOutcome, *, held_below: float | None = None) -> Limit:
        """What `told_schedule` has to read from the answer to GetCompositeSchedule: what the profiles that the CSMS sent come
        to, under a limit (W) in both directions that a system on site holds."""
        others = () if held_below is None else (site_limit(held_below),)
        expectation = ScheduleExpectation(self.pixit, self.csms.record, self.csms.clock, self.evses, others)
        return expectation.of(asked)

    def samples(self, seed: int) -> list[Sample]:
        """Profiles by the dice, such as the station can take by its PIXIT."""
        pixit = self.pixit
        levels, periods = pixit.profile_stack_levels - 1, pixit.periods_per_schedule
        span = Span(pixit.maximum_charge_power, pixit.maximum_discharge_power, levels, periods)
        return list(sample_profiles(seed, span))

    @property
    def csms(self) -> Csms:
        """The tester's CSMS that it is connected to."""
        assert self._csms is not None
        return self._csms

    @property
    def seen(self) -> Trace:
        """Everything observed in this case so far, over all links, the bench meter included."""
        return self.csms.timeline.trace

    async def ready(self) -> None:
        """Wait until it is connected and has told who it is, as far as it does so by itself; `Inconclusive` if it never
        connects. A station that boots is given the time to say so and to tell its states."""
        await self.csms.connected(self.pixit.connect_time)
        await asyncio.sleep(1.0)

    async def ready_for_limits(self) -> float:
        """Wait as `ready` does, clear what profiles there are, have power reported, and keep the CSMS from sending profiles of
        its own accord; a quarter of the charge power (whole W), which limits are made of."""
        self.csms.policy = self.csms.policy.replace(profile_delay=None)
        await self.ready()
        await self.csms.clear_all_profiles()
        await self.report_every()
        return float(round(self.pixit.maximum_charge_power / 4))

    # --- looking at what it does ---

    async def report_every(self, seconds: float | None = None, *, also: Sequence[str] = ()) -> None:
        """Have power and energy (and the measurands of `also`) told in meter values that often (default: the PIXIT's
        interval). A station that does not let itself be told goes on as it did; what it reports is judged all the same."""
        every = self.pixit.meter_interval if seconds is None else seconds
        await self.csms.set_sampling(every, (*_POWERS, *also))

    async def settle(self, expected: Expected, *, allowing: float = 0.0) -> float:
        """Wait until every expected value has come to rest, at longest for ramp and settling time (and `allowing` s more); the
        instant (s on the clock) from which on it may be judged."""
        course = Course(self.csms.timeline, expected, self.settling + allowing)
        while (settled := course.settled()) is None:
            await self.watch(_LOOK)
        return settled

    async def course(self, expected: Expected, reports: int = 2, *, allowing: float = 0.0) -> Trace:
        """What is to be judged of a new setpoint or limit: everything seen from its settling on (see `settle`), for so many
        intervals of meter values."""
        settled = await self.settle(expected, allowing=allowing)
        await self.watch(reports * self.pixit.meter_interval + 1.0)
        return self.seen.since(settled)

    async def watch(self, seconds: float) -> Trace:
        """Let time pass; what was seen meanwhile, and what came right upon the last stimulus."""
        if self._window is None:
            stations = self.csms.stations
            self._window = Window(
                lambda: self.seen,
                self.csms.clock,
                tester="csms",
                sut="station",
                cursor=lambda: max((each.inbox.cursor for each in stations.values()), default=0),
            )
        return await self._window.watch(seconds)

    # --- at the plug and at the reader ---

    async def plug_in(self, ev: str = "any", evse: int = 1) -> Observation:
        """Plug an EV in; `ev` is one of `harness.device.bench.EVS`, which the case names as ``ev_<name>`` in its needs."""
        return await self.actions.do("plug", ev=ev, evse=evse)

    async def unplug(self, evse: int = 1) -> Observation:
        """Pull the plug."""
        return await self.actions.do("unplug", evse=evse)

    async def authorise(self) -> Observation:
        """Hold the token of the PIXIT to the reader."""
        return await self.actions.do("authorise")

    async def reject_authorisation(self) -> Observation:
        """Hold the refused token of the PIXIT to the reader."""
        return await self.actions.do("reject_authorisation")

    async def present(self, token: Token, evse: int = 1) -> Observation:
        """Hold any token to the reader."""
        return await self.actions.do("present", token=token.id_token, type=token.type, evse=evse)

    async def transaction(self, ev: str = "any") -> Transaction:
        """Plug in and authorise; the transaction that begins. `Inconclusive` where none does."""
        plugged = await self.plug_in(ev)
        await self.authorise()
        return await self.csms.transaction(1, within=self.pixit.start_time, after=plugged.number)

    async def charging(self, ev: str = "any") -> Transaction:
        """An ordinary transaction in which energy flows, by the station's word or by the bench meter; `Inconclusive` where
        that does not come about."""
        begun = len(self.seen)
        started = await self.transaction(ev)
        until = self.csms.clock.now() + self.pixit.start_time
        while not any(_flows(seen) for seen in self.seen.after(begun)):
            if self.csms.clock.now() >= until:
                raise Inconclusive(f"no energy flowed within {self.pixit.start_time:g} s after the transaction began")
            await self.watch(_LOOK)
        return started

    # --- around it ---

    async def power_cycle(self) -> Observation:
        """Switch it off and on again; returns when that is done."""
        return await self.actions.do("power_cycle")

    async def ask_for(self, watts: float) -> Observation:
        """A system on site makes it aim for a power."""
        return await self.actions.do("setpoint", watts=watts)

    async def hold_below(self, watts: float) -> Observation:
        """A system on site makes it hold its power below a magnitude, in either direction."""
        return await self.actions.do("limit", watts=watts)

    async def site_limits(self, *periods: tuple[int, float], evse: int = 1, lasting: int = 0) -> Observation:
        """A system on site sets a limit in either direction, or a schedule of (start in s, W), for an EVSE or (0) the station;
        a single one may end after `lasting` s."""
        return await self._site("limit", periods, evse, lasting)

    async def site_setpoints(self, *periods: tuple[int, float], evse: int = 1, lasting: int = 0) -> Observation:
        """A system on site sets a setpoint, or a schedule of them; as `site_limits`."""
        return await self._site("setpoint", periods, evse, lasting)

    async def _site(self, kind: str, periods: Sequence[tuple[int, float]], evse: int, lasting: int) -> Observation:
        return await self.actions.do("site", kind=kind, evse=evse, periods=json.dumps(periods), lasting=lasting)

    async def release(self) -> Observation:
        """The system on site takes its values back."""
        return await self.actions.do("release")

    async def generate(self, watts: float) -> Observation:
        """Generation on site offers a power on top of all limits; 0 takes it back."""
        return await self.actions.do("generation", watts=watts)

    async def building_load(self, watts: float) -> Observation:
        """The rest of the building draws that much (- = feeds)."""
        return await self.actions.do("building_load", watts=watts)

    async def ask_priority(self, active: bool = True) -> Observation:
        """The driver asks for priority charging, or no longer."""
        return await self.actions.do("priority", active=active)

    async def break_down(self, evse: int = 1) -> Observation:
        """An EVSE breaks."""
        return await self.actions.do("break_down", evse=evse)

    async def repair(self, evse: int = 1) -> Observation:
        """It is repaired."""
        return await self.actions.do("repair", evse=evse)


def _flows(seen: Observation) -> bool:
    """Whether something tells that energy is being transferred."""
    if told.charging_state(seen) == "Charging" or told.connector_status(seen) == "Charging":
        return True
    return any(
        abs(power) > _FLOWING for read in (told.reported_power, metered_power) if (power := read(seen)) is not None
    )
