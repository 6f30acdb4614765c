"""One connection of an SECC with one EV: receive, observe, decide, send, until either ends it.

A conversation that ends, however it ends, leaves the output off and the contactors open.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from harness.actor.v2g_codec import HEADER_PATH
from harness.actor.wires import Wires
from harness.link.clock import Clock
from harness.link.link import Link
from harness.link.observation import Event, Silence, Undecodable
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.common_types import EVSEStatusType, processingType
from harness.messages.common_types import evseNotificationType as Notice
from harness.messages.common_types import responseCodeType as Code
from harness.quantity import number
from harness.v2g.secc import Answer, Halt, Measured, Site, Situation, answer, refusing
from harness.v2g.secc_settings import SeccSettings
from harness.v2g.sequence import State, failed
from harness.v2g.session import Session
from harness.v2g.violation import Kind

_AT_REST, _REST_AT_MOST, _REST_STEP = 0.5, 1.2, 0.05
"""A below which no current counts as flowing, s to wait for that before a stop is answered, and s between looks."""
_LAST_WARNING = 10
"""Seconds an EV gets to stop by itself after it let a notification pass."""
_OPEN_TO_CONTINUE = (Notice.ScheduleRenegotiation, Notice.ServiceRenegotiation)


@dataclass(slots=True)
class PausedSession:
    """What is kept of a paused session: its knowledge, whose it is, its energies (Wh), and until when (s)."""

    session: Session
    identity: bytes
    energies: tuple[float, float]
    until: float


@dataclass(slots=True)
class SiteControl:
    """The site's wishes as they are now; conversations read them at every request."""

    site: Site = field(default_factory=Site)

    def change(self, **wishes: Any) -> None:
        """Replace single wishes."""
        self.site = replace(self.site, **wishes)


@dataclass(slots=True)
class Conversation:
    """`identity_of` turns a session id and the EVCCID into what binds a session to this EV on this connection.

    `paused_sessions`, by session id, are those that may be resumed; this conversation adds to them and takes from them.
    After `run`, `reason` says why it ended and `answered_last` whether that was with a final response.
    """

    link: Link
    clock: Clock
    settings: SeccSettings
    wires: Wires
    control: SiteControl
    fresh_id: Callable[[], bytes]
    identity_of: Callable[[bytes, str], bytes]
    paused_sessions: dict[bytes, PausedSession] = field(default_factory=dict)
    session: Session = field(default_factory=Session)
    reason: str = ""
    answered_last: bool = False
    _joined: PausedSession | None = None
    _evccid: str = ""
    _answered: type | None = None
    _asked_since: float | None = None
    _ev_voltage: float | None = None
    _ev_connected: bool = False
    _notified: tuple[EVSEStatusType, float] | None = None
    _was_sent: bool = False

    async def run(self) -> None:
        """Serve the EV until the session is over."""
        try:
            until = self._deadline()
            while not self.reason:
                seen = await self.link.receive(until)
                if _is_foreign(seen.message):
                    continue
                if isinstance(seen.message, Event):
                    silent = isinstance(seen.message, Silence)
                    self.reason = "the EV was silent too long" if silent else str(seen.message)
                else:
                    await self._serve(seen.message)
                    until = self._deadline()
        finally:
            self.wires.command(Halt())
            self._hear_of_ev(connected=False)

    def _deadline(self) -> float:
        waits = self.settings.timers
        looping = self._answered is dc.DC_ChargeLoopReq
        return self.clock.now() + (waits.sequence_in_loop if looping else waits.sequence)

    async def _serve(self, request: Any) -> None:
        now = self.clock.now()
        wrong = self.session.observe(request, now)
        ignored = any(each.kind is Kind.NOTIFICATION for each in wrong)
        if not ignored:
            self._forget_followed_notification()
        self._remember(request)
        given = self._insist(request, wrong) if ignored else self._answer(request, wrong)
        if given.command is not None:
            self.wires.command(given.command)
            if isinstance(given.command, Halt) and isinstance(request, cm.PowerDeliveryReq):
                await self._rest()
        if given.response is None:
            self.reason = f"{type(request).__name__} before the protocol was negotiated"
            return
        await self.link.send(given.response)
        self._answered = type(request)
        self._conclude(request, given.response)

    async def _rest(self) -> None:
        """Wait until no current flows, so that the EV opens its contactor without load; for as long as an answer may take."""
        until = self.clock.now() + _REST_AT_MOST
        while abs(self.wires.measured().current) > _AT_REST and self.clock.now() < until:  # noqa: ASYNC110 - a sensor
            await asyncio.sleep(_REST_STEP)

    def _answer(self, request: Any, wrong: Any) -> Answer:
        if type(request).__name__.endswith("Res"):
            return Answer(None, Halt())
        return answer(request, wrong, self.session, self._situation(request))

    def _insist(self, request: Any, wrong: Any) -> Answer:
        """The EV let a notification pass: what it may leave undone is dropped, else the session ends."""
        status = self._notified[0] if self._notified else None
        self._notified, self._was_sent = None, False
        if status is not None and status.EVSENotification in _OPEN_TO_CONTINUE:
            wants_services = status.EVSENotification is Notice.ServiceRenegotiation
            follow_up = EVSEStatusType(NotificationMaxDelay=_LAST_WARNING, EVSENotification=Notice.Terminate)
            self.control.change(notification=follow_up if wants_services else None)
            return self._answer(request, wrong)
        self.control.change(notification=None)
        return Answer(refusing(request, Code.FAILED, self.session, self._situation(request)), Halt())

    def _situation(self, request: Any) -> Situation:
        site = self.control.site
        begun = self.clock.now() if self._asked_since is None else self._asked_since
        carried = replace(
            site,
            setpoint=None if site.setpoint is None else self.wires.carry("site_setpoint", site.setpoint),
            limit=None if site.limit is None else self.wires.carry("site_limit", site.limit),
            authorised=self._authorised(site),
            notification=self._notification(),
        )
        return Situation(
            settings=self.settings,
            unix=self.clock.unix(),
            site=carried,
            measured=self.wires.measured(),
            fresh_id=self.fresh_id(),
            joinable=self._joinable(request),
            waited=self.clock.now() - begun,
            ev_voltage=self._ev_voltage,
        )

    def _authorised(self, site: Site) -> bool | None:
        """What the controller has heard of the user so far."""
        heard = bool(self.wires.carry("site_authorised", float(site.authorised or False)))
        if heard == bool(site.authorised):
            return site.authorised
        return heard or None

    def _joinable(self, request: Any) -> Session | None:
        """The paused session, if it is still kept and this EV is the one that paused it ([V2G20-2545])."""
        kept = self.paused_sessions.get(request.Header.SessionID) if isinstance(request, cm.SessionSetupReq) else None
        if kept is None or self.clock.now() > kept.until:
            return None
        if self.identity_of(kept.session.session_id, request.EVCCID) != kept.identity:
            return None
        self._joined, self.session.paused = kept, kept.session
        return kept.session

    def _notification(self) -> EVSEStatusType | None:
        """What the site wants said; the delay counts down while it is repeated."""
        wanted = self.control.site.notification
        if wanted is None or not self.session.looping:
            return None
        now = self.clock.now()
        if self._notified is None or self._notified[0] is not wanted:
            delay = self.wires.carry("site_notice_delay", wanted.NotificationMaxDelay)
            self._notified = (wanted, now + delay)
        left = math.ceil(max(0.0, self._notified[1] - now))
        return replace(wanted, NotificationMaxDelay=left)

    def _forget_followed_notification(self) -> None:
        """The session drops a notification when the EV follows it."""
        if self._notified is not None and self.session.notification is None and self._was_sent:
            self._notified, self._was_sent = None, False
            self.control.change(notification=None)

    def _remember(self, request: Any) -> None:
        """What later answers need: the EV's battery voltage, when it began to ask for authorisation, who it is."""
        voltage = getattr(request, "EVPresentVoltage", None)
        if voltage is not None:
            self._ev_voltage = number(voltage)
            self._hear_of_ev(self._ev_connected)
        if isinstance(request, cm.AuthorizationReq) and self._asked_since is None:
            self._asked_since = self.clock.now()
        if isinstance(request, cm.SessionSetupReq):
            self._evccid = request.EVCCID

    def _hear_of_ev(self, connected: bool) -> None:
        self._ev_connected = connected
        self.wires.hear_of_ev(self._ev_voltage or 0.0, connected)

    def _follow_contactor(self, request: Any) -> None:
        """An EV closes its contactor at the end of precharge, and opens it when it has stopped the power."""
        if isinstance(request, dc.DC_PreChargeReq) and request.EVProcessing is processingType.Finished:
            self._hear_of_ev(connected=True)
        elif isinstance(request, cm.PowerDeliveryReq) and request.ChargeProgress is cm.chargeProgressType.Stop:
            self._hear_of_ev(connected=False)

    def _conclude(self, request: Any, response: Any) -> None:
        """Follow our own response, and see whether it was the last."""
        before = self.session.state
        if not failed(response):
            self._follow_contactor(request)
        self.session.observe(response, self.clock.now())
        if failed(response) and self.settings.after_failed == "continue":
            self.session.state = before
        self._was_sent = self._was_sent or self.session.notification is not None
        if isinstance(request, cm.SessionSetupReq) and not failed(response):
            self.paused_sessions.pop(self.session.session_id, None)
            self.wires.begin_session(self._joined.energies if self._joined else (0.0, 0.0))
        if self.session.state is State.PAUSED:
            self.paused_sessions[self.session.session_id] = self._leave()
        if self.session.over:
            self.answered_last = True
            self.reason = f"{type(response).__name__} {response.ResponseCode.value}"

    def _leave(self) -> PausedSession:
        measured: Measured = self.wires.measured()
        return PausedSession(
            session=self.session,
            identity=self.identity_of(self.session.session_id, self._evccid),
            energies=(measured.energy_import, measured.energy_export),
            until=self.clock.now() + self.settings.timers.resume,
        )


def _is_foreign(message: Any) -> bool:
    """A frame whose header says that it is not for us: dropped without a word, while the timer runs on."""
    return isinstance(message, Undecodable) and message.path == HEADER_PATH
