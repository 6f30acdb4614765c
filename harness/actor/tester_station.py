"""The tester as a charging station at the CSMS under test: the reference station, steered by the case.

    await station.power_up()                     # connects, boots, and lives as a sound station does
    outcome = await station.call("Heartbeat")    # besides, anything else can be said
    asked = await station.expect("SetChargingProfile", within=10)

With `connect` instead of `power_up` it says nothing by itself: every request is the case's. What the CSMS asks is answered
as a sound station does, unless `answers` names another answer for the action.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from harness.actor.begun_by_hand import BegunByHand
from harness.actor.bench_evs import bench_ev
from harness.actor.ocpp_call import CallOutcome
from harness.actor.ocpp_inbox import Inbox, Where, values_of
from harness.actor.ocpp_line import NAME, CsmsAccess, Line
from harness.actor.station import ReferenceStation
from harness.actor.tester_access import TesterAccess
from harness.actor.tester_words import TesterWords
from harness.errors import Inconclusive, NoConnection
from harness.link.capture import Capture
from harness.link.link import LinkFault
from harness.link.observation import Closed, Flooded, Observation, Refused, Silence, Undecodable
from harness.link.trace import Timeline, Trace
from harness.ocpp.exchange import RpcExchange
from harness.ocpp.readings import payload, value_at
from harness.ocpp.station.settings import StationSettings
from harness.ocpp.times import moment
from harness.ocppj.frame import Call, CallError, CallResult, Frame, Send
from harness.ocppj.versions import Version

Reply = Mapping[str, Any] | str | None | Callable[[Mapping[str, Any]], Mapping[str, Any] | str | None]
"""How a request is answered: with a payload, a CALLERROR code, None (never), or a function of the request that gives one."""

_ANSWERS = (CallResult, CallError)
_UNHURRIED = 1.0


class TesterStation(TesterAccess, TesterWords, ReferenceStation):
    """`power_up` or `connect` it inside the case; `stop` it at the end. `answers` are replies by action, `lateness` the
    seconds after which they leave.

    `patience` (s) is how long an answer of the CSMS is awaited by default.
    """

    __test__: ClassVar[bool] = False  # the runner must not take it for a test by its name

    def __init__(
        self, settings: StationSettings, access: CsmsAccess, timeline: Timeline, capture: Capture, patience: float
    ) -> None:
        super().__init__(settings, access, timeline=timeline, capture=capture)
        self.access = access
        self.answers: dict[str, Reply] = {}
        self.lateness: dict[str, float] = {}
        self.timeline, self.clock, self.capture = timeline, timeline.clock, capture
        self.inbox = Inbox(timeline)
        self.patience = patience
        self._quiet = False
        self._turn = asyncio.Lock()
        self._pending: dict[str, asyncio.Future[CallOutcome]] = {}
        self._knocks: set[int] = set()
        self.begun = BegunByHand()
        run = secrets.token_hex(4)  # a CSMS remembers the ids of earlier cases and runs
        self._ids = (f"{run}-{number}" for number in itertools.count(1))
        self._judge = RpcExchange(settings.version, timeout=patience)
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life ---

    async def power_up(self, within: float = 60.0, *, having: Mapping[str, str] | None = None) -> None:
        """Switch it on, and wait until the CSMS has accepted it; `Inconclusive` when it does not within `within` s.

        `having` replaces values of its device model, by name as in `StationSettings.variables`.
        """
        self.settings = replace(self.settings, variables={**self.settings.variables, **(having or {})})
        await self._begin(quiet=False)
        if not await self.inbox.until(lambda: self.station.registration.accepted, within):
            raise Inconclusive(f"the CSMS did not accept the station within {within:g} s")

    async def connect(self) -> None:
        """Connect, and say nothing by itself."""
        await self._begin(quiet=True)

    async def stop(self) -> None:
        """End the connection, if it was ever switched on."""
        if self._tasks:
            if self.connected:
                await self._end_transactions()
            await super().stop()
            self._tasks = set()

    @property
    def running(self) -> bool:
        """Whether it is switched on."""
        return bool(self._tasks)

    @property
    def version(self) -> Version:
        return self.settings.version

    @property
    def trace(self) -> Trace:
        """All that was seen on the OCPP link."""
        return self.inbox.trace

    @property
    def refused(self) -> Observation | None:
        """The last refusal of a connection, if no connection came about since."""
        ends = [seen for seen in self.trace.of(Refused) if seen.connection not in self._knocks]
        return ends[-1] if ends and not self.connected else None

    async def _end_transactions(self) -> None:
        """A CSMS that stays would take what this case left open for something that runs in the next."""
        occupied = [number for number, plant in self.plants.items() if plant.occupied]
        for number in occupied:
            self.unplug(number)
        if occupied:
            await self.inbox.until(lambda: not len(self.station.outbox), self.patience)
        for action, said in self.begun.endings(self.stamp()):
            if self.connected:
                await self.call(action, said)

    async def _begin(self, *, quiet: bool) -> None:
        self._quiet = quiet
        if not self._tasks:
            await self.start()
        if not await self.inbox.until(lambda: self.connected or self.refused is not None, self.patience):
            raise NoConnection(f"no connection to the CSMS within {self.patience:g} s")
        if self.refused is not None:
            raise NoConnection(f"no connection to the CSMS: {self.refused.message} (frame {self.refused.number})")

    # --- said by the case ---

    async def call(
        self,
        action: str,
        payload: Mapping[str, Any] | None = None,
        *,
        within: float | None = None,
        faults: Sequence[LinkFault] = (),
        message_id: str = "",
        at_once: bool = False,
    ) -> CallOutcome:
        """Send a request and await what comes of it; `at_once` does not wait for the answers to earlier ones."""
        call = Call(message_id or next(self._ids), action, payload or {})
        self.inbox.mark()
        if at_once:
            return await self._ask(call, within, faults)
        async with self._turn:
            await self.inbox.until(lambda: self.station.outbox.in_flight is None, self.patience)
            return await self._ask(call, within, faults)

    async def tell(self, action: str, payload: Mapping[str, Any]) -> None:
        """Send a SEND, which nobody answers (2.1)."""
        self.inbox.mark()
        await self._standing().link.send(Send(next(self._ids), action, payload))

    async def send_text(self, text: str, note: str) -> Observation:
        """Send a WebSocket message that need be no frame, and record why."""
        self.inbox.mark()
        return await self._standing().link.send_octets(text.encode(), note)

    async def boot(self, reason: str = "PowerUp", *, within: float = 0.0) -> CallOutcome:
        """BootNotification made by hand; while the answer is Pending it is sent again after the interval of the answer, as
        long as `within` s have not passed."""
        until = self.clock.now() + within
        while True:
            told = await self.call("BootNotification", self._boot_payload(reason))
            interval = float((told.response or {}).get("interval") or 1.0)
            if told.status != "Pending" or self.clock.now() + interval > until:
                return told
            await asyncio.sleep(interval)

    def _boot_payload(self, reason: str) -> dict[str, Any]:
        boot = self.settings.boot
        if self.version == "1.6":
            return {"chargePointVendor": boot["vendorName"], "chargePointModel": boot["model"]}
        return {"reason": reason, "chargingStation": boot}

    def new_transaction(self) -> str:
        """A transactionId that no earlier case or run has used."""
        return next(self._ids)

    def clock_error(self, seen: Observation) -> float | None:
        """Seconds by which the currentTime of an answer differs from the tester's clock."""
        told = moment(value_at(payload(seen), "currentTime"))
        return None if told is None else (told - self.clock.wall(seen.at)).total_seconds()

    async def event(
        self, kind: str, reason: str, number: int, transaction: str = "T-1", *, evse: int = 0, **more: Any
    ) -> CallOutcome:
        """A TransactionEvent made by hand; `info` are further members of transactionInfo."""
        info = {"transactionId": transaction, **more.pop("info", {})}
        stamp = self.clock.wall().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said = {
            "eventType": kind,
            "triggerReason": reason,
            "seqNo": number,
            "timestamp": stamp,
            "transactionInfo": info,
        }
        place = {"evse": {"id": evse, "connectorId": 1}} if evse else {}
        return await self.call("TransactionEvent", {**said, **place, **more})

    # --- awaited from the CSMS ---

    async def expect(
        self, action: str, where: Where | None = None, *, within: float, after: int | None = None, **fields: Any
    ) -> Observation:
        """The next request of the CSMS of that action for which all holds; `Silence` after `within` s.

        `fields` are values that members of the payload must have, wherever in it they stand. It looks at frames after
        number `after`; by default after the last request of the case, or the last that was expected and came.
        """
        found = await self.inbox.request(action, where, within, after, fields)
        return found or self.timeline.observe(NAME, "csms", Silence(within), connection=self._connections)

    async def answered(self, action: str, *, within: float, **fields: Any) -> Observation:
        """The CSMS's answer to the next request of that action that the station makes by itself, with these values in it;
        `Silence` where there is none within `within` s."""
        begin, until = self.inbox.cursor, self.clock.now() + within
        found: list[Observation] = []

        def came() -> bool:
            asked = [seen for seen in self.trace.after(begin).sent_by("station") if _asks(seen, action, fields)]
            ids = {seen.message.message_id for seen in asked}
            answers = self.trace.after(begin).sent_by("csms").of(*_ANSWERS)
            found[:] = [seen for seen in answers if seen.message.message_id in ids][:1]
            return bool(found)

        if await self.inbox.until(came, max(0.0, until - self.clock.now())):
            return found[0]
        return self.timeline.observe(NAME, "csms", Silence(within), connection=self._connections)

    async def gone(self, within: float) -> Observation:
        """The end of the connection, or `Silence` while it stands."""
        found = await self.inbox.next(lambda seen: isinstance(seen.message, (Closed, Flooded)), within)
        return found or self.timeline.observe(NAME, "csms", Silence(within), connection=self._connections)

    # --- at the plug ---

    def plug_in_ev(self, name: str = "any", evse: int = 1, **needs: Any) -> None:
        """Plug in one of the EVs of `harness.device.bench.EVS`, with other needs where named: ``max_discharge_power=3000.0``."""
        self.inbox.mark()
        chosen = bench_ev(name)
        told = chosen.needs if chosen.needs is None else replace(chosen.needs, **needs)
        self.plug_in(evse, told, chosen.battery())

    # --- inside ---

    async def _ask(self, call: Call, within: float | None, faults: Sequence[LinkFault]) -> CallOutcome:
        line, patience = self._standing(), self.patience if within is None else within
        future: asyncio.Future[CallOutcome] = asyncio.get_running_loop().create_future()
        self._pending[call.message_id] = future
        self._judge.observe(call, "station", self.clock.now())
        sent = await line.link.send(call, faults=faults)
        try:
            async with asyncio.timeout(patience):
                outcome = await future
        except TimeoutError:
            silence = self.timeline.observe(NAME, "csms", Silence(patience), connection=line.link.connection)
            outcome = CallOutcome(sent, silence)
        finally:
            self._pending.pop(call.message_id, None)
            self._poked.set()
        self.begun.follow(call, outcome.response)
        return CallOutcome(sent, outcome.outcome, outcome.violations)

    def _standing(self) -> Line:
        if self._line is None:
            raise Inconclusive("the station is not connected to the CSMS")
        return self._line

    async def _take(self, line: Line, seen: Observation) -> None:
        frame = seen.message
        if isinstance(frame, _ANSWERS) and frame.message_id in self._pending:
            heard = self._judge.observe(frame, "csms", self.clock.now())
            self._resolve(frame.message_id, CallOutcome(None, seen, heard.violations))
        elif isinstance(frame, Undecodable) and seen.facts.get("message_id") in self._pending:
            self._resolve(seen.facts["message_id"], CallOutcome(None, seen))
        elif isinstance(frame, Call) and frame.action in self.answers:
            await self._reply(line, frame)
        else:
            await super()._take(line, seen)
        self.inbox.took(seen)

    async def _reply(self, line: Line, call: Call) -> None:
        reply = self.answers[call.action]
        chosen = reply(call.payload) if callable(reply) else reply
        if chosen is None:
            return
        made: Frame = (
            CallError(call.message_id, chosen, action=call.action)
            if isinstance(chosen, str)
            else CallResult(call.message_id, chosen, call.action)
        )
        if late := self.lateness.get(call.action, 0.0):
            self._later(self._send_after(late, line, made))
        else:
            await self._send_after(0.0, line, made)

    async def _send_after(self, seconds: float, line: Line, made: Frame) -> None:
        await asyncio.sleep(seconds)
        async with self._speaking:
            await line.link.send(made)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _resolve(self, message_id: str, outcome: CallOutcome) -> None:
        future = self._pending[message_id]
        if not future.done():
            future.set_result(outcome)

    def _patience(self) -> float:
        """What is due cannot be said while it is quiet or a request of the case waits; looking all the time changes nothing."""
        return _UNHURRIED if self._quiet or self._pending else super()._patience()

    async def _pump(self) -> None:
        """Nothing by itself while it is quiet, or while a request of the case waits for its answer."""
        if not self._quiet and not self._pending:
            await super()._pump()
        self.inbox.wake()

    def _lost(self) -> None:
        super()._lost()
        ended = self.trace.last
        for message_id in list(self._pending):
            if ended is not None:
                self._resolve(message_id, CallOutcome(None, ended))
        if ended is not None and isinstance(ended.message, (Closed, Flooded)):
            self.inbox.took(ended)


def _asks(seen: Observation, action: str, fields: Mapping[str, Any]) -> bool:
    message = seen.message
    held = isinstance(message, Call) and message.action == action
    return held and all(value in values_of(message.payload, name) for name, value in fields.items())
