"""The tester as an EV: finds the SECC, connects, and holds a session as far as a case wants it to go.

What the SECC does wrong is never raised here. A case that only needs to get somewhere (`reach`, `charge_loop`, `stop`)
gets `Inconclusive` when the SECC does not go along: its purpose was not reached, and whether the SECC is to blame is
for the rules to say. A case whose point is the answer itself uses `connect`, `ask` and `request`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from harness.actor.access import SeccAccess, shows_life
from harness.actor.answers import answer
from harness.actor.charge_loop import ChargeLoop
from harness.actor.exchange import Exchange, words
from harness.actor.inlet import Inlet
from harness.actor.v2g_codec import V2gCodec
from harness.device.pixit import DcPixit
from harness.errors import Inconclusive, NoConnection, Unauthorised
from harness.link.capture import Capture
from harness.link.link import Link, LinkFault
from harness.link.observation import Closed, Connected, Observation, Refused
from harness.link.trace import Timeline, Trace
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.app_protocol import supportedAppProtocolReq
from harness.messages.common_types import processingType
from harness.quantity import number
from harness.v2g.evcc import Circumstances, EvPolicy, Requests
from harness.v2g.sequence import State, failed, is_response, response_to
from harness.v2g.services import MobilityNeedsMode
from harness.v2g.session import NO_SESSION, Session
from harness.v2g.timers import TRANSMISSION_MARGIN, evcc_message_timeout, evcc_ongoing_timeout

_Request = TypeVar("_Request")

MAIN_LINE: tuple[type, ...] = (
    supportedAppProtocolReq,
    cm.SessionSetupReq,
    cm.AuthorizationSetupReq,
    cm.AuthorizationReq,
    cm.ServiceDiscoveryReq,
    cm.ServiceDetailReq,
    cm.ServiceSelectionReq,
    dc.DC_ChargeParameterDiscoveryReq,
    cm.ScheduleExchangeReq,
    dc.DC_CableCheckReq,
    dc.DC_PreChargeReq,
    cm.PowerDeliveryReq,
    dc.DC_ChargeLoopReq,
)
"""The requests of a session up to the loop, in order; a joined session goes from setup to parameter discovery."""

_CREDENTIALS = (
    "we refused: certificate verify failed",
    "access denied",
    "bad certificate",
    "certificate expired",
    "certificate required",
    "certificate revoked",
    "certificate unknown",
    "unknown ca",
    "unsupported certificate",
)
"""How TLS ends where one side does not like the other's certificate: whether it ought to, the bench alone knows."""


class Evcc:
    """One EV at one charger; `policy` may be replaced at any time and holds from the next request on.

    `recovery` (s) is waited for between two connections; `margin` (s) is granted to every answer, for the way over the
    wire. `authorise` lets the user be authorised at a charger that waits
    for that. Connections are numbered on from `connections`. `excused` says why no connection came to stand, where bench
    or credentials may be the reason.
    """

    def __init__(
        self,
        access: SeccAccess,
        timeline: Timeline,
        capture: Capture,
        inlet: Inlet,
        policy: EvPolicy | None = None,
        *,
        recovery: float = 0.0,
        margin: float = TRANSMISSION_MARGIN,
        authorise: Callable[[], Awaitable[Any]] | None = None,
        connections: int = 0,
    ) -> None:
        self.access, self.timeline, self.capture, self.inlet = access, timeline, capture, inlet
        self.policy = policy or EvPolicy()
        self.session = Session()
        self.link: Link | None = None
        self._recovery, self._recovered_at = recovery, float("-inf")
        self._margin = margin
        self._authorise = authorise
        self._connections = connections
        self._next = 0
        self._paused: Session | None = None
        self._last_request_at = float("-inf")
        self._ordinary = True
        self._served = False
        self.excused = ""

    # --- reaching the SECC ---------------------------------------------------------------------------------------

    async def connect(self, access: SeccAccess | None = None) -> Observation:
        """Discover and connect; observes `Connected` or `Refused`. `access` replaces how, for this connection.

        Raises `NoConnection` where an ordinary connection does not come about and bench or credentials may be the reason:
        nothing of the SECC was seen yet, or it took no part in TLS yet with what this EV presents and trusts.
        """
        await self.rest()
        self._connections += 1
        self._next = 0
        self.session = Session(paused=self._paused)
        opened = await (access or self.access).open(self.timeline, self.capture, self._connections)
        self._ordinary = access is None
        if opened.transport is None:
            self._excuse(opened.seen)
            return opened.seen
        self.link = Link(
            "v2g",
            opened.transport,
            V2gCodec(),
            self.timeline,
            role="evcc",
            peer_role="secc",
            connection=self._connections,
        )
        return opened.seen

    async def rest(self) -> None:
        """Wait until the SECC has recovered from the last connection; every connection begins with that."""
        await asyncio.sleep(max(0.0, self._recovered_at - self.timeline.clock.now()))

    async def close(self) -> None:
        """Close the connection, if one stands, and open the inlet contactor."""
        self.inlet.disconnect()
        if self.link is not None:
            await self.link.close()
            self.link = None
            self._recovered_at = self.timeline.clock.now() + self._recovery

    async def negotiate(self, access: SeccAccess | None = None) -> Observation:
        """Connect and negotiate the protocol; the first thing that is no go-ahead, else the response."""
        seen = await self.connect(access)
        if self.link is None:
            return seen
        exchange = await self.ask(self.request(supportedAppProtocolReq))
        self._advance(supportedAppProtocolReq)
        return exchange.outcome

    def _excuse(self, seen: Observation) -> None:
        """Blame nobody for a connection that failed before it is known that bench and credentials suit this SECC.

        In TLS 1.3 the refusal of a client's certificate arrives after the handshake, as the end of the connection.
        """
        ended = seen.message
        if isinstance(ended, Refused) and ended.stage in ("tcp", "sdp"):
            known = shows_life(self.timeline.trace, "secc")
        else:
            said = ended.reason if isinstance(ended, Refused) else ended.how if isinstance(ended, Closed) else ""
            known = self._served or not said.removeprefix("tls: ").startswith(_CREDENTIALS)
        if self._ordinary and not known:
            self.excused = str(ended)
            raise NoConnection(f"no connection to the SECC: {ended} (frame {seen.number})")

    async def begin_anew(self) -> Observation:
        """Close, connect and set up a new session, as the next EV would; the first thing that is no go-ahead, else the
        response to the session setup."""
        await self.close()
        self.forget()
        seen = await self.negotiate()
        if not answer(seen).code.startswith("OK"):
            return seen
        exchange = await self.ask(self.request(cm.SessionSetupReq))
        self._advance(cm.SessionSetupReq)
        return exchange.outcome

    async def vanish(self, *, in_order: bool = False) -> None:
        """End the connection without a word, torn or closed in order; the inlet contactor stays as it is."""
        if self.link is not None:
            await (self.link.close() if in_order else self.link.drop())
            self.link = None
            self._recovered_at = self.timeline.clock.now() + self._recovery

    # --- what it can do ------------------------------------------------------------------------------------------

    def most_charge(self, charger: DcPixit) -> float:
        """W at the outlet with which this EV can charge at such a charger, by the limits of both."""
        own = self.policy.limits
        current = _least(own.maximum_charge_current, charger.maximum_charge_current)
        return min(_least(own.maximum_charge_power, charger.maximum_charge_power), current * self.inlet.voltage)

    def most_discharge(self, charger: DcPixit) -> float:
        """W at the outlet (a magnitude) with which this EV can discharge at such a charger, by the limits of both."""
        own = self.policy.limits
        current = _least(own.maximum_discharge_current, charger.maximum_discharge_current)
        return min(_least(own.maximum_discharge_power, charger.maximum_discharge_power), current * self.inlet.voltage)

    # --- single exchanges ----------------------------------------------------------------------------------------

    def request(self, kind: type[_Request], **fields: Any) -> _Request:
        """The request an ordinary EVCC would send now, with the named fields replaced at whatever depth."""
        return Requests(self.policy, self._circumstances()).make(kind, **fields)

    async def ask(self, request: Any, *, faults: Sequence[LinkFault] = (), within: float | None = None) -> Exchange:
        """Send one request and take the next thing the SECC does, at latest after the EVCC's message timeout.

        `within` replaces that timeout (s). The margin is added to both.
        """
        patience = evcc_message_timeout(type(request)).seconds if within is None else within
        sent = await self.tell(request, faults=faults)
        seen = await self._standing_link().receive(self._last_request_at + patience + self._margin)
        exchange = Exchange(sent, seen)
        self._excuse(seen)
        self._take(exchange)
        return exchange

    async def tell(self, request: Any, *, faults: Sequence[LinkFault] = ()) -> Observation | None:
        """Send one request and wait for nothing; None when a fault dropped it."""
        sent = await self._standing_link().send(request, faults=faults)
        self._last_request_at = self.timeline.clock.now()
        if sent is not None:
            self.session.observe(sent.message, sent.at)
        return sent

    async def ask_octets(self, octets: bytes, note: str, *, within: float = 2.0) -> Exchange:
        """Send octets that need be no message and take the next thing the SECC does."""
        link = self._standing_link()
        sent = await link.send_octets(octets, note)
        return Exchange(sent, await link.receive(self.timeline.clock.now() + within + self._margin))

    async def next_event(self, within: float) -> Observation:
        """Whatever the SECC does next without being asked again; `Silence` after `within` s."""
        seen = await self._standing_link().receive(self.timeline.clock.now() + within)
        self._take(Exchange(None, seen))
        return seen

    async def keep_silent(self, seconds: float) -> None:
        """Send nothing until `seconds` have passed since the last request."""
        await asyncio.sleep(max(0.0, self._last_request_at + seconds - self.timeline.clock.now()))

    def encoded(self, request: Any) -> bytes:
        """The octets of a request with its V2GTP header, for cases that break them."""
        return V2gCodec().encode(request)

    async def insist(self, request: Any) -> Exchange:
        """Ask, and be inconclusive unless the fitting response comes without FAILED."""
        return self._demand(type(request), await self.ask(request))

    def _demand(self, kind: type, exchange: Exchange) -> Exchange:
        """An exchange in which the SECC went along; inconclusive for any other."""
        response = exchange.response
        if not isinstance(response, response_to(kind)) or failed(response):
            raise Inconclusive(
                f"the SECC did not go along with {kind.__name__}: {words(exchange.outcome)}"
                f" (frame {exchange.outcome.number})"
            )
        return exchange

    def _demand_end(self, kind: type, exchange: Exchange, patience: float) -> Exchange:
        """The exchange that ends a polled phase; inconclusive for one after which the SECC is still at it."""
        if not _settled(exchange.outcome):
            still = exchange.response.EVSEProcessing.value
            raise Inconclusive(f"{kind.__name__} still {still} after {patience:g} s (frame {exchange.outcome.number})")
        return exchange

    # --- phases --------------------------------------------------------------------------------------------------

    async def reach(self, kind: type) -> None:
        """Go on with the session until a request of type `kind` is what an ordinary EVCC would send next."""
        if self.link is None:
            seen = await self.connect()
            if not isinstance(seen.message, Connected):
                raise Inconclusive(f"no connection to the SECC: {seen.message} (frame {seen.number})")
        while MAIN_LINE[self._next] is not kind:
            await self.do(MAIN_LINE[self._next])

    async def do(self, kind: type) -> Exchange:
        """Complete one phase of the main line, polling where the SECC says Ongoing; returns its last exchange."""
        special = {
            cm.AuthorizationReq: self._be_authorised,
            dc.DC_PreChargeReq: self._precharge,
            cm.PowerDeliveryReq: self._start,
            cm.ScheduleExchangeReq: self._exchange_schedules,
            cm.ServiceSelectionReq: self._select,
            cm.ServiceDetailReq: self._detail,
        }
        exchange = await special[kind]() if kind in special else await self.poll(kind)
        self._advance(kind)
        return exchange

    async def poll(self, kind: type, **fields: Any) -> Exchange:
        """Repeat a request until the SECC is Finished, for at most the EVCC's ongoing timeout."""
        patience = evcc_ongoing_timeout(kind).seconds
        exchange = (await self.try_poll(kind, within=patience, until=_settled, **fields))[-1]
        return self._demand_end(kind, self._demand(kind, exchange), patience)

    async def seek_authorization(self, within: float) -> Exchange:
        """Ask to be authorised, see to it that the user is where the SECC waits for that, and poll for at most `within` s
        more; the last exchange, whatever came of it."""
        exchange = await self.ask(self.request(cm.AuthorizationReq))
        if _finished(exchange):
            return exchange
        if self._authorise is not None:
            await self._authorise()
        await self.keep_silent(self.policy.poll_period)
        return (await self.try_poll(cm.AuthorizationReq, within=within))[-1]

    async def _be_authorised(self) -> Exchange:
        patience = evcc_ongoing_timeout(cm.AuthorizationReq).seconds
        exchange = self._demand(cm.AuthorizationReq, await self.seek_authorization(patience))
        return self._demand_end(cm.AuthorizationReq, exchange, patience)

    async def try_poll(
        self, kind: type, *, within: float, until: Callable[[Observation], bool] | None = None, **fields: Any
    ) -> list[Exchange]:
        """Repeat a request until the SECC is Finished, fails or leaves, `until` holds of what it did, or `within` s have
        passed; whatever comes of it."""
        started = self.timeline.clock.now()
        exchanges: list[Exchange] = []
        while self.timeline.clock.now() - started <= within:
            exchanges.append(await self.ask(self.request(kind, **fields)))
            if _finished(exchanges[-1]) or (until is not None and until(exchanges[-1].outcome)):
                break
            await self.keep_silent(self.policy.poll_period)
        return exchanges

    def continue_with(self, kind: type) -> None:
        """Let a request of type `kind` be the next of the main line: after a case made some exchanges by itself."""
        self._next = MAIN_LINE.index(kind)

    async def _detail(self) -> Exchange:
        if self.policy.service not in self.session.services:
            offered = ", ".join(str(int(each)) for each in sorted(self.session.services)) or "none"
            raise Inconclusive(f"the SECC does not offer service {self.policy.service:d}; it offers {offered}")
        return await self.poll(cm.ServiceDetailReq)

    async def _select(self) -> Exchange:
        if self._parameter_set() is None:
            raise Inconclusive(
                f"the SECC offers no parameter set of service {self.policy.service:d} with control mode"
                f" {self.policy.control_mode.name.lower()} and mobility needs of the EVCC alone"
            )
        return await self.poll(cm.ServiceSelectionReq)

    async def _exchange_schedules(self) -> Exchange:
        exchange = await self.poll(cm.ScheduleExchangeReq)
        if exchange.response.GoToPause:
            raise Inconclusive(f"the SECC asks for a pause (frame {exchange.outcome.number})")
        return exchange

    async def _precharge(self) -> Exchange:
        """Raise the outlet voltage to the battery's, then tell the SECC that the contactor may close."""
        started = self.timeline.clock.now()
        patience = evcc_ongoing_timeout(dc.DC_PreChargeReq).seconds
        while True:
            exchange = await self.insist(self.request(dc.DC_PreChargeReq))
            gap = number(exchange.response.EVSEPresentVoltage) - self.inlet.voltage
            if abs(gap) <= self.policy.voltage_match:
                break
            if self.timeline.clock.now() - started > patience:
                raise Inconclusive(f"precharge: the outlet is {gap:+.0f} V off the battery after {patience:g} s")
            await self.keep_silent(self.policy.poll_period)
        exchange = await self.insist(self.request(dc.DC_PreChargeReq, EVProcessing=processingType.Finished))
        self.inlet.connect()
        return exchange

    async def _start(self) -> Exchange:
        return await self.insist(self.request(cm.PowerDeliveryReq))

    async def charge_loop(self, **announced: Any) -> ChargeLoop:
        """Reach the charge loop and do its first exchange, announcing the named fields from the first message on."""
        if announced:
            self.policy = self.policy.announce(**announced)
        await self.reach(dc.DC_ChargeLoopReq)
        loop = ChargeLoop(self)
        await loop.turn()
        return loop

    async def stop_power(self) -> Exchange:
        """End the power flow from the loop; the inlet contactor opens when the SECC has answered."""
        exchange = await self.insist(
            self.request(cm.PowerDeliveryReq, ChargeProgress=cm.chargeProgressType.Stop, EVPowerProfile=None)
        )
        self.inlet.disconnect()
        return exchange

    async def detect_welding(self, *, below: float = 60.0, within: float = 10.0) -> Exchange:
        """Poll the outlet voltage until it is below `below` V, then finish; returns the last exchange."""
        started = self.timeline.clock.now()
        while True:
            exchange = await self.insist(self.request(dc.DC_WeldingDetectionReq))
            fallen = number(exchange.response.EVSEPresentVoltage) < below
            if fallen or self.timeline.clock.now() - started > within:
                break
            await self.keep_silent(self.policy.poll_period)
        return await self.insist(self.request(dc.DC_WeldingDetectionReq, EVProcessing=processingType.Finished))

    async def end_session(self, how: cm.chargingSessionType = cm.chargingSessionType.Terminate) -> Exchange:
        """SessionStopReq and its response."""
        return await self.insist(self.request(cm.SessionStopReq, ChargingSession=how))

    async def stop(self) -> Exchange:
        """From the loop to the end of the session: power off, welding detection, SessionStop, close."""
        await self.stop_power()
        await self.detect_welding()
        exchange = await self.end_session()
        await self.close()
        return exchange

    async def whole_session(self, seconds: float, **announced: Any) -> str:
        """An ordinary session with `seconds` of charge loop; why it ended early, or nothing when it did not."""
        try:
            loop = await self.charge_loop(**announced)
            await loop.run(seconds)
            await self.stop()
        except (NoConnection, Unauthorised):
            raise
        except Inconclusive as ended:
            return str(ended)
        return ""

    async def pause(self) -> Exchange:
        """From the loop into a pause; the session id is kept for `resume`."""
        await self.stop_power()
        exchange = await self.end_session(cm.chargingSessionType.Pause)
        self._paused = self.session
        await self.close()
        return exchange

    async def resume(self) -> Exchange:
        """Connect again and ask for the paused session; returns the session setup exchange."""
        await self.reach(cm.SessionSetupReq)
        exchange = await self.insist(self.request(cm.SessionSetupReq))
        self._advance(cm.SessionSetupReq)
        return exchange

    def forget(self) -> None:
        """Start anew: the next session setup asks for a new session."""
        self._paused = None

    @property
    def trace(self) -> Trace:
        """Everything seen so far on the V2G link."""
        return self.timeline.trace.link("v2g")

    # --- inner workings ------------------------------------------------------------------------------------------

    def _standing_link(self) -> Link:
        if self.link is None:
            raise Inconclusive("no connection to the SECC stands")
        return self.link

    def _circumstances(self) -> Circumstances:
        chosen = self._schedule()
        return Circumstances(
            session_id=self.session.session_id if self.session.session_id != NO_SESSION else self._old_id(),
            unix_time=self.timeline.clock.unix(),
            car=self.inlet,
            service_id=int(self.policy.service),
            parameter_set=self._parameter_set() or 0,
            schedule_tuple=chosen.ScheduleTupleID if chosen else None,
            schedule_anchor=chosen.ChargingSchedule.PowerSchedule.TimeAnchor if chosen else None,
            schedule_tolerates=chosen is not None and chosen.ChargingSchedule.PowerSchedule.PowerTolerance is not None,
            profile_power=self._profile_power(chosen),
        )

    def _old_id(self) -> bytes:
        return NO_SESSION if self._paused is None else self._paused.session_id

    def _parameter_set(self) -> int | None:
        """The first offered set with the policy's control mode in which the EVCC alone knows the driver's needs."""
        wanted = (self.policy.control_mode, MobilityNeedsMode.EVCC)
        for number_of_set, says in self.session.parameter_sets.get(int(self.policy.service), {}).items():
            if (says.get("ControlMode"), says.get("MobilityNeedsMode", MobilityNeedsMode.EVCC)) == wanted:
                return number_of_set
        return None

    def _schedule(self) -> cm.ScheduleTupleType | None:
        """The offered schedule an ordinary EV takes: the first."""
        return next(iter(self.session.schedule_tuples.values()), None)

    def _profile_power(self, chosen: cm.ScheduleTupleType | None) -> float:
        """What the EV tells it will use: within its own limit and the chosen schedule; negative when it discharges."""
        limits = self.policy.limits
        if chosen is None:
            return limits.maximum_charge_power
        if self.policy.target_current < 0:
            discharging = chosen.DischargingSchedule
            allowed = 0.0 if discharging is None else abs(_first_power(discharging))
            return -min(limits.maximum_discharge_power, allowed)
        return min(limits.maximum_charge_power, _first_power(chosen.ChargingSchedule))

    def _advance(self, kind: type) -> None:
        joined = kind is cm.SessionSetupReq and self.session.state is State.CHARGE_PARAMETER_DISCOVERY
        following = dc.DC_ChargeParameterDiscoveryReq if joined else MAIN_LINE[MAIN_LINE.index(kind) + 1]
        self._next = MAIN_LINE.index(following)

    def _take(self, exchange: Exchange) -> None:
        """Follow the session, and let the car feel the current."""
        response = exchange.response
        if not is_response(response):
            return
        self._served = True
        self.session.observe(response, exchange.outcome.at)
        if isinstance(response, dc.DC_ChargeLoopRes):
            current, voltage = number(response.EVSEPresentCurrent), number(response.EVSEPresentVoltage)
            self.inlet.feel(current, voltage)


def _settled(seen: Observation) -> bool:
    """Whether a response leaves nothing to poll for; one that cannot say Ongoing never does."""
    return getattr(seen.message, "EVSEProcessing", processingType.Finished) is processingType.Finished


def _finished(exchange: Exchange) -> bool:
    """Whether there is nothing more to poll for: done, failed, or gone."""
    response = exchange.response
    if not is_response(response) or failed(response):
        return True
    return getattr(response, "EVSEProcessing", None) is processingType.Finished


def _first_power(schedule: cm.ChargingScheduleType) -> float:
    return number(schedule.PowerSchedule.PowerScheduleEntries.PowerScheduleEntry[0].Power)


def _least(own: float, others: float) -> float:
    """The smaller limit; one of 0 was not said."""
    return min(own, others) if others else own
