"""The reference charging station: its parts put together, what happens to it, and what it says (OCPP 2.1).

Whoever carries it feeds `connected`, `disconnected`, `heard`, `read` (meters) and what people do at it, calls `tick` at
`deadline`, sends what `next_frame` gives, and makes the plant follow `Evse.control`. Other versions of OCPP are served by a
`Dialect` that translates at the edge.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.ocpp.exchange import Meaning, RpcExchange
from harness.ocpp.outbox import Item, Outbox, QueuePolicy, message_ids
from harness.ocpp.station.authorisation import Authorisation
from harness.ocpp.station.certificates import Certificates
from harness.ocpp.station.charging import Charging
from harness.ocpp.station.der import DerControls
from harness.ocpp.station.desk import Display, Reservations
from harness.ocpp.station.dialect import dialect_of
from harness.ocpp.station.driver import Driver
from harness.ocpp.station.duties import Duties
from harness.ocpp.station.evse import Evse, Reading
from harness.ocpp.station.logbook import Logbook
from harness.ocpp.station.model import DeviceModel, Place
from harness.ocpp.station.monitoring import Monitoring
from harness.ocpp.station.network import Network
from harness.ocpp.station.profiles import ProfileStore
from harness.ocpp.station.registration import Registration
from harness.ocpp.station.restart import Restart
from harness.ocpp.station.settings import StationSettings
from harness.ocpp.station.transactions import Transaction, Transactions
from harness.ocpp.station.transfers import Transfers
from harness.ocpp.station.values import ClockAligned, bind_live_values
from harness.ocpp.station.wire import Agenda, Payload, Refused, Request, instant, stamp
from harness.ocppj import codes
from harness.ocppj.frame import Answer, Call, CallError, CallResult, CallResultError, Frame, FrameFault, Send

_REMEMBERED = 64
"""Answers kept to be given again to a request that is repeated."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the parts made it, and its payload as the version words it."""

    request: Request
    payload: dict[str, Any]


class Station:
    """`data` is the parsed device model. All times are wall time in s since 1970; the station's own clock may differ from it
    by `clock_offset`, which it learns from the CSMS."""

    def __init__(self, settings: StationSettings, data: Mapping[str, Any]) -> None:
        self.settings, self.version = settings, settings.version
        self.dice = random.Random(settings.seed)
        self.variables = DeviceModel(data, settings.version, settings.evses, settings=settings.variables)
        self.agenda = Agenda()
        self.evses = {number: Evse(number) for number in range(1, settings.evses + 1)}
        self.online, self.offline_since = False, 0.0
        self.clock_offset = self._ticked_at = 0.0
        self._make_parts()
        self._make_queue()
        bind_live_values(self)

    def _make_parts(self) -> None:
        variables, agenda, count = self.variables, self.agenda, len(self.evses)
        self.dialect = dialect_of(self.version, variables)
        for name, value in self.dialect.variables.items():
            variables.put(name, value)
        self.registration = Registration(variables, agenda, self.settings.boot)
        self.tokens = Authorisation(variables)
        self.transactions = Transactions(variables, agenda, self.dice, lambda: self.online)
        self.profiles = ProfileStore(variables, agenda, count, replacing=self.version == "1.6")
        self.der = DerControls(variables, agenda, count)
        self.monitoring = Monitoring(variables, agenda, self.version)
        self.reservations = Reservations(variables, agenda, self.evses)
        self.display = Display(variables, agenda)
        self.certificates = Certificates(variables, agenda, self.version, self.settings.serial)
        self.network = Network(variables, self.certificates, self.settings.security_profile)
        self.logbook = Logbook()
        self.transfers = Transfers(agenda, self.logbook, self.certificates.trusts_signer)
        self.aligned = ClockAligned(variables, agenda, self.evses, self.transactions)
        self.charging = Charging(self)
        self.driver = Driver(self)
        self.restart = Restart(self)
        self.duties = Duties(self)
        self.transactions.on_started = self._transaction_started
        self.transactions.on_ended = self._transaction_ended

    def _make_queue(self) -> None:
        prefix = f"{self.settings.serial[:8]}-{self.dice.getrandbits(40):010x}"
        self.outbox = Outbox(self.version, message_ids(prefix), self._policy())
        self.exchange = RpcExchange(self.version, timeout=self._policy().timeout)
        self._pending: dict[int, Sent] = {}
        self._given: dict[str, Answer] = {}
        self._told: dict[int, str] = {}
        self.variables.watch(self._written)

    def _policy(self) -> QueuePolicy:
        return QueuePolicy(
            timeout=self.variables.number("OCPPCommCtrlr.MessageTimeout[Default]", default=30.0),
            attempts=int(self.variables.number("OCPPCommCtrlr.MessageAttempts[TransactionEvent]", default=3)),
            interval=self.variables.number("OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]"),
            queue_all=self.variables.flag("OCPPCommCtrlr.QueueAllMessages"),
            reuse_ids=self.version == "2.1",
        )

    # --- the connection ----------------------------------------------------------------------------------------------------

    def connected(self, now: float) -> None:
        """A connection stands."""
        at = self.time(now)
        self.logbook.note("DiagnosticsLog", "connected", at)
        away = at - self.offline_since if self.offline_since else 0.0
        self.online = True
        self.outbox.connected()
        self.registration.connected(at)
        if self.registration.accepted:
            self.profiles.reconnected(away)
            self._tell_states(at, away > self.variables.number("OCPPCommCtrlr.OfflineThreshold"))
        self.tick(now)

    def disconnected(self, now: float) -> None:
        """The connection is gone; events that wait are told as offline (E11.FR.07)."""
        at = self.time(now)
        self.logbook.note("DiagnosticsLog", "disconnected", at)
        self._drain(now)
        self.online, self.offline_since = False, at
        self.exchange.disconnected()
        for item in self.outbox.disconnected():
            self._pending.pop(id(item.payload), None)
        for sent in self._pending.values():
            if sent.request.action == "TransactionEvent" and self.version != "1.6":
                sent.payload["offline"] = True
        self.tick(now)

    def next_frame(self, now: float) -> Call | Send | None:
        """The frame to send now, None when nothing may or need be said."""
        self._drain(now)
        self.outbox.gate = None if self.registration.gate is None else self.dialect.gate(self.registration.gate)
        frame = self.outbox.next(now)
        if frame is not None:
            self.exchange.observe(frame, "station", now)
            self.registration.spoke(self.time(now))
        return frame

    def heard(self, frame: Frame | FrameFault, now: float) -> Frame | None:
        """Whatever the CSMS sent; returns the frame that answers it, None where nothing does."""
        heard = self.exchange.observe(frame, "csms", now)
        refused = next((each for each in heard.violations if each.code and not each.tolerated), None)
        if isinstance(frame, Call):
            if heard.meaning is Meaning.REPEATED and frame.message_id in self._given:
                return self._given[frame.message_id]
            answer = self._answer(frame, refused.code if refused else "", str(refused or ""), now)
            self.exchange.observe(answer, "station", now)
            self._remember(answer)
            return answer
        if isinstance(frame, (CallResult, CallError)):
            return self._answered(frame, bool(heard.violations), now)
        if isinstance(frame, FrameFault) and refused is not None:
            return CallError(frame.message_id or "-1", refused.code, str(refused)[:255])
        return None

    # --- what happens at the station ---------------------------------------------------------------------------------------

    def read(self, evse: int, reading: Reading, now: float) -> None:
        """The meter of an EVSE was read; the control follows the mains and the building from it."""
        one, at = self.evses[evse], self.time(now)
        one.reading = Reading(at, *(getattr(reading, name) for name in Reading.__slots__[1:]))
        self.charging.follow(one, at)
        self.transactions.settle(one, at)

    def tick(self, now: float) -> None:
        """Do what is due."""
        at = self._ticked_at = self.time(now)
        expired = self.outbox.expire(now)
        if expired is not None and not expired.again:
            self._failed(expired.item, at)
        self.registration.tick(at)
        self.der.tick(at)
        self.charging.tick(at)
        self.driver.tick(at)
        for evse in self.evses.values():
            self.transactions.settle(evse, at)
            self.transactions.tick(evse, at)
        self.aligned.tick(at)
        self.reservations.tick(at)
        self.display.tick(at)
        self.certificates.tick(at)
        self.monitoring.tick(at)
        self.restart.tick(at)
        self.transfers.tick(at, bool(self.transactions.of_evse))
        self.tell_changes(at)

    @property
    def deadline(self) -> float | None:
        """When to call `tick` again although nothing happens (wall time); None when nothing is due."""
        dues = list(self._dues())
        own = min(dues) - self.clock_offset if dues else math.inf
        due = min(own, math.inf if self.outbox.deadline is None else self.outbox.deadline)
        return None if due == math.inf else due

    def _dues(self) -> Iterator[float]:
        parts = (
            self.registration.next_due(),
            self.der.next_due(),
            self.transactions.next_due(),
            self.aligned.next_due(),
            self.reservations.next_due(),
            self.monitoring.next_due(),
            self.certificates.next_due(),
            self.transfers.next_due(),
            self.driver.next_due(),
            self.restart.next_due(),
            self.charging.next_due(),
            self.profiles.next_due(self._ticked_at, None if self.online else self.offline_since),
        )
        for dues in parts:
            yield from dues

    def time(self, now: float) -> float:
        """The station's own clock."""
        return now + self.clock_offset

    # --- shared by the parts -----------------------------------------------------------------------------------------------

    def queued(self, transaction: str) -> bool:
        """Whether messages of a transaction ("" for any) wait or are under way."""
        waiting = [*(sent.request for sent in self._pending.values()), *self.agenda.waiting]
        return any(one.transaction and transaction in ("", one.transaction) for one in waiting)

    def secure(self, event: str, now: float) -> None:
        """A security event that the CSMS must be told (A04)."""
        self.logbook.note("SecurityLog", event, now)
        self.agenda.put("SecurityEventNotification", {"type": event, "timestamp": stamp(now)}, lasting=True)

    def tell_changes(self, now: float) -> None:
        """Tell connector states that have changed since they were told."""
        for part in (self.certificates, self.transfers):
            for event in part.events:
                self.secure(event, now)
            part.events.clear()
        if self.registration.accepted and self.online:
            self._tell_states(now, all_of_them=False)

    def tell_state(self, evse: Evse, now: float) -> None:
        """Tell the state of one connector, as the version does it."""
        evse.told = evse.availability
        if self.version == "2.1":
            place = Place("Connector", "AvailabilityState", "", evse.number, 1)
            self.monitoring.tell(place, evse.availability, now)
            return
        said = {"timestamp": stamp(now), "connectorStatus": evse.availability, "evseId": evse.number, "connectorId": 1}
        self.agenda.put("StatusNotification", said)

    def settle_all(self, now: float, trigger: str = "") -> None:
        """Profiles or settings changed: follow them on every EVSE."""
        for evse in self.evses.values():
            self.charging.follow(evse, now)
            self.transactions.settle(evse, now, trigger)

    # --- inside ------------------------------------------------------------------------------------------------------------

    def _tell_states(self, now: float, all_of_them: bool) -> None:
        for evse in self.evses.values():
            if all_of_them or evse.told != evse.availability:
                self.tell_state(evse, now)

    def _drain(self, now: float) -> None:
        """What the parts want to say goes into the queue, in the words of the version."""
        for request in self.agenda.take():
            for action, payload in self.dialect.outgoing(request):
                if self.outbox.put(action, payload, now, transactional=request.lasting) is not None:
                    self._pending[id(payload)] = Sent(request, payload)

    def _answer(self, call: Call, code: str, why: str, now: float) -> Answer:
        if code:
            return CallError(call.message_id, codes.spelt(code, self.version), why[:255])
        if self.registration.state == "Rejected":
            return CallError(call.message_id, codes.SECURITY_ERROR, "the station is not accepted")
        self.logbook.note("DiagnosticsLog", f"asked for {call.action}", self.time(now))
        action, payload = self.dialect.incoming(call.action, call.payload)
        duty = self.dialect.duty(action) or self.duties.of(action)
        if duty is None:
            return CallError(call.message_id, codes.NOT_SUPPORTED, f"{call.action} is not supported")
        result = duty(payload, self.time(now))
        self.tell_changes(self.time(now))
        if isinstance(result, Refused):
            return CallError(call.message_id, codes.spelt(result.code, self.version), result.description)
        return CallResult(call.message_id, self.dialect.response(call.action, call.payload, result), call.action)

    def _answered(self, answer: Answer, faulty: bool, now: float) -> Frame | None:
        settled = self.outbox.settle(answer, now)
        if settled is None:
            return None
        if isinstance(answer, CallError) or faulty:
            if not settled.again:
                self._failed(settled.item, self.time(now))
        elif (sent := self._pending.pop(id(settled.item.payload), None)) is not None:
            self._learn_time(settled.item.action, answer.payload, now)
            understood = self.dialect.understood(sent.request, settled.item.action, answer.payload)
            self.duties.answered(sent.request, understood, self.time(now))
        self.tell_changes(self.time(now))
        if faulty and isinstance(answer, CallResult) and self.version == "2.1":
            return CallResultError(answer.message_id, codes.FORMAT_VIOLATION, "the answer does not fit its schema")
        return None

    def _failed(self, item: Item, now: float) -> None:
        sent = self._pending.pop(id(item.payload), None)
        if sent is not None:
            self.dialect.failed(sent.request)
            if sent.request.action == "BootNotification":
                self.registration.failed(now)

    def _learn_time(self, action: str, answer: Payload, now: float) -> None:
        """The clock follows the CSMS where the settings say so (B01.FR.06, G02.FR.06)."""
        if action in ("BootNotification", "Heartbeat") and "Heartbeat" in self.variables.members(
            "ClockCtrlr.TimeSource"
        ):
            offset = instant(answer["currentTime"]) - now
            if abs(offset - self.clock_offset) > 1.0:
                self.clock_offset = offset
                self.secure("SettingSystemTime", self.time(now))

    def _remember(self, answer: Answer) -> None:
        self._given[answer.message_id] = answer
        while len(self._given) > _REMEMBERED:
            del self._given[next(iter(self._given))]

    def _written(self, place: Place, _before: str, _after: str) -> None:
        if place.component == "OCPPCommCtrlr":
            self.outbox.policy = self._policy()
        if place.component == "SecurityCtrlr":  # what was written is nobody's business (A01.FR.11, .12)
            self.logbook.note("SecurityLog", f"ReconfigurationOfSecurityParameters: {place}", self._ticked_at)

    def _transaction_started(self, evse: Evse, running: Transaction, now: float) -> None:
        self.profiles.bind_transaction(evse.number, running.id)
        self.charging.draw_delays(evse)
        self.charging.follow(evse, now)

    def _transaction_ended(self, evse: Evse, running: Transaction, now: float) -> None:
        self.profiles.drop_transaction(evse.number)
        self.display.transaction_ended(running.id)
        self.charging.follow(evse, now)
        self.restart.transaction_ended(now)
