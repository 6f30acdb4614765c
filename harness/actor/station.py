"""The reference charging station on a network: its connection to the CSMS, its clock, and the plant that follows it.

    station = ReferenceStation(StationSettings(), access)
    await station.start()
    station.plug_in(1, EvNeeds("EV1"))
    station.present(1, {"idToken": "TAG1", "type": "ISO14443"})

It is a real device and holds no switch for tests: faults sit in its link, its settings and its wires (see `harness.fault`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

import yaml

from harness.actor.file_transfer import Transfer, over_http
from harness.actor.ocpp_codec import fault_of
from harness.actor.ocpp_line import CsmsAccess, Line
from harness.actor.station_plant import EvsePlant, Mains, Plant
from harness.actor.station_reach import StationReach
from harness.fault.fault import Fault
from harness.grid.battery import Battery
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.link import Link
from harness.link.observation import Closed, Flooded, Observation, Sample, Undecodable
from harness.link.trace import Timeline
from harness.link.websocket import keep_alive
from harness.ocpp.reconnect import BackOff, wait
from harness.ocpp.station.evse import EvNeeds
from harness.ocpp.station.model import Place
from harness.ocpp.station.settings import StationSettings
from harness.ocpp.station.station import Station
from harness.ocpp.station.transfers import Job
from harness.ocppj.frame import Call, CallError, CallResult, CallResultError, FrameFault, Send
from harness.resources import resource

_STEP = 1.0
"""Seconds between two readings of the meters while something is plugged in."""
_FRAMES = (Call, CallResult, CallError, CallResultError, Send)


@cache
def device_model() -> Mapping[str, Any]:
    """The reference station's device model, as data."""
    found: Mapping[str, Any] = yaml.safe_load(
        resource("fixtures", "ocpp", "device-model.yaml").read_text(encoding="utf-8")
    )
    return found


class ReferenceStation:
    """`start` it inside a running event loop, `stop` it there too.

    `access` says how it reaches its CSMS; of the versions there it speaks the one of its settings. `plants` are the power
    sides of its EVSEs; `transfer` moves firmware and logs, by default over HTTP on the network of its CSMS. `log` takes one
    line for each thing that happens. `timeline` and `capture` are taken where somebody else keeps them; else each start
    begins fresh ones.
    """

    def __init__(
        self,
        settings: StationSettings,
        access: CsmsAccess,
        *,
        faults: Sequence[Fault] = (),
        plants: Sequence[Plant] = (),
        mains: Mains | None = None,
        transfer: Transfer | None = None,
        log: Callable[[str], None] = lambda _: None,
        timeline: Timeline | None = None,
        capture: Capture | None = None,
    ) -> None:
        for fault in faults:
            settings = fault.on_settings(settings)
        self.settings, self.faults = settings, tuple(faults)
        self.reach = StationReach(access, settings)
        self.mains = mains or Mains()
        self.plants: dict[int, Plant] = dict(enumerate(plants, 1))
        for number in range(len(self.plants) + 1, settings.evses + 1):
            self.plants[number] = EvsePlant(faults=self.faults)
        self._transfer, self._log = transfer or over_http(access.network), log
        self._timeline, self._capture = timeline, capture
        self._line: Line | None = None
        self._connections = 0
        self._attempt = 0
        self._stepped_at = 0.0
        self._cut_until = 0.0
        self._renewed = False
        self.on_step: Callable[[], None] = lambda: None

    # --- life --------------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to live: connect, boot, and go on until `stop`."""
        self.timeline = self._timeline or Timeline(Clock())
        self.clock = self.timeline.clock
        self.capture = self._capture or Capture()
        self.station = Station(self.settings, device_model())
        self.station.variables.watch(self._written)
        self.reach.begin(self.station)
        self._poked, self._speaking, self._up = asyncio.Event(), asyncio.Lock(), asyncio.Event()
        self._up.set()
        loop = asyncio.get_running_loop()
        self._tasks = {loop.create_task(self._stay_connected()), loop.create_task(self._live())}
        for task in self._tasks:
            task.add_done_callback(self._ended)
        self._failure: BaseException | None = None

    async def stop(self) -> None:
        """End the connection and the plant; raises what went wrong inside, if anything did."""
        line = self._line  # whoever talks over it forgets it when cancelled
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if line is not None:
            await asyncio.wait({self._talking})
            await line.link.close()
        for plant in self.plants.values():
            plant.cut(self.clock.now())
        if self._failure is not None:
            raise self._failure

    @property
    def connected(self) -> bool:
        """A connection to the CSMS stands."""
        return self._line is not None

    def now(self) -> float:
        """Wall time in s since 1970."""
        return self.clock.wall().timestamp()

    # --- what people do at it ------------------------------------------------------------------------------------------------

    def plug_in(self, evse: int = 1, ev: EvNeeds | None = None, battery: Battery | None = None) -> None:
        """Plug an EV in; without `ev` it says nothing over ISO 15118-20."""
        self.plants[evse].plug_in(battery or Battery(), self.clock.now())
        self._act(self.station.driver.plug_in, evse, ev)

    def unplug(self, evse: int = 1) -> None:
        """Pull the plug."""
        self.plants[evse].unplug(self.clock.now())
        self._act(self.station.driver.unplug, evse)

    def present(self, token: Mapping[str, Any], evse: int = 1) -> None:
        """Hold a token to the reader."""
        self._act(self.station.driver.present, evse, token)

    def agree(self, evse: int, ev: EvNeeds, service: str) -> None:
        """An SECC has agreed with the EV on a service, and knows its needs."""
        self._act(self.station.charging.agree, evse, ev, service)

    def stopped_by_ev(self, evse: int = 1) -> None:
        """The EV ended its session by itself."""
        self._act(self.station.driver.stopped_by_ev, evse)

    def fault(self, faulted: bool, evse: int = 1) -> None:
        """Break an EVSE, or repair it."""
        self._act(self.station.driver.fault, evse, faulted)

    def priority(self, active: bool, evse: int = 1) -> None:
        """The driver asks for priority charging, or no longer."""
        self._act(self.station.charging.set_priority, evse, active)

    def demand(self, evse: int = 0, **values: Any) -> None:
        """A system on site sets `limit`, `discharge_limit` or `setpoint` (W, + = charge); see `Site.demand`."""
        self.station.charging.site.demand(evse, self.station.time(self.now()), **values)
        self._poked.set()

    def plan(self, evse: int, periods: Sequence[tuple[int, Mapping[str, float]]]) -> None:
        """A system on site sets a schedule of limits or setpoints; see `Site.plan`."""
        self.station.charging.site.plan(evse, self.station.time(self.now()), periods)
        self._poked.set()

    def release(self, evse: int = 0, **which: Any) -> None:
        """A system on site takes its values back."""
        self.station.charging.site.release(evse, self.station.time(self.now()), **which)
        self._poked.set()

    async def cut_connection(self, seconds: float) -> None:
        """Tear the connection down and let none come about for a while."""
        self._cut_until = self.clock.now() + seconds
        await self._hang_up(Link.drop)
        self._attempt = 0

    async def power_cycle(self, seconds: float | None = None) -> None:
        """Take the supply away for a while, by default for the time a reboot takes."""
        self.station.restart.power_loss(self.station.time(self.now()))
        await self._reboot(self.settings.reboot_time if seconds is None else seconds)

    def disturb(self, *, voltage: float, frequency: float) -> None:
        """The mains have another voltage (V per phase) and frequency (Hz), which its inverters notice at once."""
        self.mains = replace(self.mains, voltage=voltage, frequency=frequency)
        self._poked.set()

    def meter(self, evse: int = 1) -> Sample:
        """The truth at the grid terminals of an EVSE, whatever the station says of it."""
        return self.plants[evse].truth(self.clock.now())

    def _act(self, deed: Callable[..., None], *values: Any) -> None:
        if self._up.is_set():
            self._read()
            deed(*values, self.station.time(self.now()))
        self._poked.set()

    # --- time --------------------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        while True:
            if self._up.is_set():
                self._step()
                await self._pump()
                if self._renewed or self.reach.renewed():
                    self._renewed = False
                    await self._hang_up(Link.close)
                if self.station.restart.due is not None and self.station.restart.due <= self.station.time(self.now()):
                    await self._reboot(self.settings.reboot_time)
            self._poked.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience()):
                    await self._poked.wait()

    def _step(self) -> None:
        """Read the meters, do what is due, and let the plant follow."""
        self._read()
        self._stepped_at = self.now()
        self.station.tick(self._stepped_at)
        for number, plant in self.plants.items():
            plant.follow(self.station.evses[number].control, self.clock.now())
        self.on_step()
        self._start_jobs()

    def _read(self) -> None:
        now, at = self.now(), self.clock.now()
        powers = {number: plant.truth(at).power for number, plant in self.plants.items()}
        for number, plant in self.plants.items():
            others = sum(powers.values()) - powers[number]
            self.station.read(number, plant.reading(self.mains, others, at), now)

    def _patience(self) -> float:
        """How long nothing needs to be done."""
        busy = any(plant.occupied for plant in self.plants.values())
        due = self.station.deadline
        left = _STEP if busy else 60.0
        if due is None:
            return left
        if due <= self._stepped_at:
            return min(left, _STEP)  # it was due, and waits for something else
        return max(0.001, min(left, due - self.now()))

    def _start_jobs(self) -> None:
        jobs, self.station.transfers.jobs = self.station.transfers.jobs, []
        for job in jobs:
            task = asyncio.get_running_loop().create_task(self._run_job(job))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    async def _run_job(self, job: Job) -> None:
        data = await self._transfer(job)
        self.station.transfers.done(job.number, data, self.station.time(self.now()))
        self._poked.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()

    async def _reboot(self, seconds: float) -> None:
        """Go down, stay away, come back."""
        self._up.clear()
        self._log("reboot")
        await self._hang_up(Link.close)
        self.station.restart.down(self.station.time(self.now()))
        for plant in self.plants.values():
            plant.cut(self.clock.now())
        await asyncio.sleep(seconds)
        self._attempt = 0
        self.reach.rebooted()
        self._up.set()
        self.station.restart.up(self.station.time(self.now()))
        self._poked.set()

    # --- the connection ------------------------------------------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        while True:
            await self._until_it_may()
            self._connections += 1
            access = self.reach.next_access()
            opened = await access.open(self.timeline, self.capture, self._connections, self.faults)
            self.reach.came(opened, self.station.time(self.now()))
            if opened.line is None:
                self._log(str(opened.seen.message))
            else:
                self._attempt = 0
                self._talking = asyncio.get_running_loop().create_task(self._talk(opened.line))
                await self._spoken(self._talking)
            self._attempt += 1
            await asyncio.sleep(wait(self._back_off(), self._attempt, self.station.dice.random()))

    async def _spoken(self, talking: asyncio.Task[None]) -> None:
        """Wait for the end of a conversation, whichever side ended it."""
        try:
            await asyncio.wait({talking})
        finally:
            talking.cancel()
        if not talking.cancelled() and (failure := talking.exception()) is not None:
            raise failure

    async def _hang_up(self, end: Callable[[Link], Awaitable[None]]) -> None:
        """End the connection that stands, if one does, in order or by tearing it."""
        line = self._line
        if line is None:
            return
        self._lost()
        self._talking.cancel()
        await asyncio.wait({self._talking})
        await end(line.link)

    async def _until_it_may(self) -> None:
        await self._up.wait()
        await asyncio.sleep(max(0.0, self._cut_until - self.clock.now()))

    def _written(self, place: Place, _before: str, after: str) -> None:
        """A new password holds from the next connection on, which comes at once (A01)."""
        if (place.component, place.variable) == ("SecurityCtrlr", "BasicAuthPassword"):
            self.reach.learn_password(after)
            self._renewed = True

    def _back_off(self) -> BackOff:
        number = self.station.variables.number
        return BackOff(
            number("OCPPCommCtrlr.RetryBackOffWaitMinimum"),
            number("OCPPCommCtrlr.RetryBackOffRandomRange"),
            int(number("OCPPCommCtrlr.RetryBackOffRepeatTimes")),
        )

    async def _talk(self, line: Line) -> None:
        self._line = line
        interval = self.station.variables.number("OCPPCommCtrlr.WebSocketPingInterval")
        pings = (
            asyncio.get_running_loop().create_task(keep_alive(line.socket, interval, interval)) if interval else None
        )
        self.station.connected(self.now())
        self._poked.set()
        try:
            while self._line is line:
                seen = await line.link.receive(None)
                if isinstance(seen.message, (Closed, Flooded)):
                    await line.link.close()  # the peer's end is not ours: the socket would stay open
                    break
                await self._take(line, seen)
        finally:
            if pings is not None:
                pings.cancel()
            if self._line is line:
                self._lost()

    def _lost(self) -> None:
        self._line = None
        self.station.disconnected(self.now())
        self._poked.set()

    async def _take(self, line: Line, seen: Observation) -> None:
        frame = fault_of(seen, self.settings.version) if isinstance(seen.message, Undecodable) else seen.message
        if isinstance(frame, (*_FRAMES, FrameFault)):
            async with self._speaking:
                answer = self.station.heard(frame, self.now())
                if answer is not None:
                    await line.link.send(answer)
        self._poked.set()

    async def _pump(self) -> None:
        """Send whatever may be sent now."""
        line = self._line
        async with self._speaking:
            while (
                line is not None and line is self._line and (frame := self.station.next_frame(self.now())) is not None
            ):
                await line.link.send(frame)
